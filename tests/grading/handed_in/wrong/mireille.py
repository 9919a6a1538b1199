"""Un pas d'entraînement avec BatchNorm."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def erreur_quadratique(prediction, cible):
    return jnp.mean((prediction[:, 0] - cible) ** 2)


def solve(seed, x_batch, y_batch, lr):
    modele = MLP()
    cle = jax.random.PRNGKey(int(seed))
    variables = modele.init(cle, x_batch, train=True)

    optimiseur = optax.sgd(lr)
    etats = {nom: optimiseur.init(collection) for nom, collection in variables.items()}

    params = variables["params"]
    stats = variables["batch_stats"]

    def perte(p):
        sortie, nouveau = modele.apply(
            {"params": p, "batch_stats": stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return erreur_quadratique(sortie, y_batch), nouveau["batch_stats"]

    (_, stats_apres), gradient = jax.value_and_grad(perte, has_aux=True)(params)

    pas, etats["params"] = optimiseur.update(gradient, etats["params"], params)
    params = optax.apply_updates(params, pas)

    # évaluation
    sortie = modele.apply({"params": params, "batch_stats": stats_apres}, x_batch, train=False)
    return np.asarray(erreur_quadratique(sortie, y_batch)).reshape(1)
