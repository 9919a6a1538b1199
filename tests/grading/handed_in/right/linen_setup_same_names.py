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


class SetupMLP(nn.Module):
    """MLP spelled with setup, so that its layers can be called by name. It shares MLP's variable tree."""

    hidden: int = 16

    def setup(self):
        self.Dense_0 = nn.Dense(self.hidden)
        self.BatchNorm_0 = nn.BatchNorm(momentum=0.9)
        self.Dense_1 = nn.Dense(1)

    def features(self, x, train: bool):
        return nn.relu(self.BatchNorm_0(self.Dense_0(x), use_running_average=not train))

    def __call__(self, x, train: bool):
        return self.Dense_1(self.features(x, train))

    def loss(self, x, y, train: bool):
        return jnp.mean((self(x, train).reshape(y.shape) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    variables = MLP().init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, stats = variables["params"], variables["batch_stats"]
    net = SetupMLP()

    def train_loss(params):
        loss, new = net.apply(
            {"params": params, "batch_stats": stats},
            x_batch,
            y_batch,
            train=True,
            method=net.loss,
            mutable=["batch_stats"],
        )
        return loss, new["batch_stats"]

    (_, new_stats), grads = jax.value_and_grad(train_loss, has_aux=True)(params)
    opt = optax.sgd(lr)
    delta, _ = opt.update(grads, opt.init(params))
    params = optax.apply_updates(params, delta)

    return [float(net.apply({"params": params, "batch_stats": new_stats}, x_batch, y_batch, train=False, method="loss"))]
