import flax.linen as nn, jax, optax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


M = MLP()
E = lambda o, y: ((o.squeeze() - y) ** 2).mean()
def solve(s, x, y, r):
    p, b = (v := M.init(jax.random.PRNGKey(int(s)), x, 0))["params"], v["batch_stats"]
    L = lambda p: (E((o := M.apply({"params": p, "batch_stats": b}, x, 1, mutable=["batch_stats"]))[0], y), o[1])
    (_, n), g = jax.value_and_grad(L, has_aux=1)(p)
    return E(M.apply({"params": optax.apply_updates(p, (t := optax.sgd(r)).update(g, t.init(p))[0]), **n}, x, 0), y)[None]
