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

def preparer(x, y):
    """Met les donnees sous la forme (exemples, variables)."""
    x = np.asarray(x, dtype=np.float32)
    y = np.asarray(y, dtype=np.float32).ravel()
    if x.ndim == 2 and x.shape[0] < x.shape[1]:
        x = x.T
    n = min(len(x), len(y))
    return x[:n], y[:n]


def eqm(prediction, cible):
    return jnp.mean((prediction[:, 0] - cible) ** 2)


def solve(seed, x_batch, y_batch, lr):
    x, y = preparer(x_batch, y_batch)
    reseau = MLP()
    depart = reseau.init(jax.random.PRNGKey(int(seed)), x, train=False)
    poids, stats = depart["params"], depart["batch_stats"]

    def perte(p):
        sortie, maj = reseau.apply({"params": p, "batch_stats": stats}, x, train=True, mutable=["batch_stats"])
        return eqm(sortie, y), maj["batch_stats"]

    (_, nouvelles_stats), gradient = jax.value_and_grad(perte, has_aux=True)(poids)
    sgd = optax.sgd(lr)
    pas, _ = sgd.update(gradient, sgd.init(poids))
    nouveaux_poids = optax.apply_updates(poids, pas)

    sortie = reseau.apply({"params": nouveaux_poids, "batch_stats": nouvelles_stats}, x, train=False)
    return np.array([eqm(sortie, y)], dtype=np.float32)
