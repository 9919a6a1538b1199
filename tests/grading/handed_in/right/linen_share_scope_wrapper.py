import flax.linen as nn
import jax
import jax.numpy as jnp
import optax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


class WithLoss(nn.Module):
    net: nn.Module

    def setup(self):
        nn.share_scope(self, self.net)

    def __call__(self, x, y, train: bool):
        residual = self.net(x, train=train).squeeze(axis=1) - y
        return jnp.mean(residual**2)


def solve(seed, x_batch, y_batch, lr):
    problem = WithLoss(MLP())
    variables = problem.init(jax.random.PRNGKey(int(seed)), x_batch, y_batch, train=False)

    def compute(params, batch_stats):
        return problem.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, y_batch, train=True, mutable=["batch_stats"]
        )

    (_, aux), grads = jax.value_and_grad(compute, has_aux=True)(variables["params"], variables["batch_stats"])
    sgd = optax.sgd(lr)
    steps, _ = sgd.update(grads, sgd.init(variables["params"]))
    variables = {"params": optax.apply_updates(variables["params"], steps), **aux}
    return jnp.atleast_1d(problem.apply(variables, x_batch, y_batch, train=False))
