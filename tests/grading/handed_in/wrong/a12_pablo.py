# Ejercicio: un paso de entrenamiento con BatchNorm
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

def como_matriz(x):
    # un solo ejemplo puede llegar como vector -> siempre dos dimensiones
    return np.atleast_2d(np.squeeze(x)).astype(np.float32)


def error_cuadratico(pred, y):
    return jnp.mean((pred[:, 0] - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    x = como_matriz(x_batch)
    y = y_batch.astype(np.float32)
    modelo = MLP()
    variables = modelo.init(jax.random.PRNGKey(int(seed)), x, train=False)
    parametros, estadisticas = variables["params"], variables["batch_stats"]

    def perdida(p):
        salida, nuevo = modelo.apply(
            {"params": p, "batch_stats": estadisticas}, x, train=True, mutable=["batch_stats"]
        )
        return error_cuadratico(salida, y), nuevo["batch_stats"]

    (_, estadisticas_nuevas), grad = jax.value_and_grad(perdida, has_aux=True)(parametros)
    opt = optax.sgd(lr)
    cambios, _ = opt.update(grad, opt.init(parametros), parametros)
    parametros = optax.apply_updates(parametros, cambios)

    salida = modelo.apply({"params": parametros, "batch_stats": estadisticas_nuevas}, x, train=False)
    return np.array([error_cuadratico(salida, y)])
