"""Um passo de treino com BatchNorm."""

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


def solve(seed, x_batch, y_batch, lr):
    modelo = MLP()
    chave = jax.random.key(int(seed))
    iniciais = modelo.init(chave, x_batch, train=True)
    pesos, estatisticas = iniciais["params"], iniciais["batch_stats"]

    def custo(pesos, estatisticas):
        saida, mutado = modelo.apply(
            {"params": pesos, "batch_stats": estatisticas},
            x_batch,
            train=True,
            mutable=["batch_stats"],
        )
        custo = jnp.mean((saida[:, 0] - y_batch) ** 2)
        return custo, mutado["batch_stats"]

    derivada = jax.value_and_grad(custo, argnums=(0, 1), has_aux=True)
    (_, medidas), (g_pesos, g_est) = derivada(pesos, estatisticas)

    otim_pesos = optax.sgd(lr)
    otim_est = optax.sgd(lr)
    est_otim_pesos = otim_pesos.init(pesos)
    est_otim_est = otim_est.init(medidas)

    passo, _ = otim_pesos.update(g_pesos, est_otim_pesos, pesos)
    pesos = optax.apply_updates(pesos, passo)
    passo, _ = otim_est.update(g_est, est_otim_est, medidas)
    estatisticas = optax.apply_updates(medidas, passo)

    saida = modelo.apply({"params": pesos, "batch_stats": estatisticas}, x_batch, train=False)
    return np.asarray(jnp.mean((saida[:, 0] - y_batch) ** 2))[np.newaxis]
