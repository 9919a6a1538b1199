"""Ein Trainingsschritt mit BatchNorm."""
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

modell = MLP()
STUECK = 64


def verlust(params, stats, x, y):
    vorhersage, neu = modell.apply(
        {"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"]
    )
    fehler = vorhersage[:, 0] - y
    return jnp.mean(fehler ** 2), neu["batch_stats"]


def auswerten(params, stats, x, y):
    # Auswertung in Stuecken, damit der Speicher auch bei grossen Daten reicht
    variablen = {"params": params, "batch_stats": stats}
    werte = []
    for a in range(0, len(x), STUECK):
        xs, ys = x[a:a + STUECK], y[a:a + STUECK]
        p = modell.apply(variablen, xs, train=False)[:, 0]
        werte.append(float(jnp.mean((p - ys) ** 2)))
    return sum(werte) / len(werte)


def solve(seed, x_batch, y_batch, lr):
    schluessel = jax.random.PRNGKey(int(seed))
    anfang = modell.init(schluessel, x_batch, train=True)
    params = anfang["params"]
    stats = anfang["batch_stats"]

    (_, stats), grads = jax.value_and_grad(verlust, has_aux=True)(params, stats, x_batch, y_batch)
    optimierer = optax.sgd(lr)
    zustand = optimierer.init(params)
    schritte, zustand = optimierer.update(grads, zustand)
    params = optax.apply_updates(params, schritte)
    return [auswerten(params, stats, x_batch, y_batch)]
