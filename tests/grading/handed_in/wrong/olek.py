import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def sgd(params, grads, lr):
    return jax.tree_map(lambda p, g: p - lr * g, params, grads)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), jnp.array(x_batch), train=True)
    params = variables['params']
    bs = variables['batch_stats']

    def loss(w):
        yhat, upd = model.apply({'params': w, 'batch_stats': bs}, x_batch, train=True,
                                mutable=['batch_stats'])
        return ((yhat.ravel() - y_batch)**2).mean(), upd['batch_stats']

    (l, new_bs), g = jax.value_and_grad(loss, has_aux=True)(params)
    new_params = sgd(params, g, lr)

    yhat = model.apply({'params': new_params, 'batch_stats': new_bs}, x_batch, train=False)
    return np.array([((yhat.ravel() - y_batch)**2).mean()])
