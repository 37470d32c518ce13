"""Ray Serve over gRPC: one replica that batches: python service.py PORT HTTP_PORT."""

import signal
import sys
from typing import Any

import iris_pb2
import ray
from bench_model import FEATURES, SPECIES, IrisModel
from ray import serve
from ray.serve.config import HTTPOptions, gRPCOptions


@serve.deployment(num_replicas=1, max_ongoing_requests=1000)
class Iris:
    """Predicts batches."""

    def __init__(self) -> None:
        """Load the model."""
        self._model = IrisModel()

    @serve.batch(max_batch_size=64, batch_wait_timeout_s=0.001)
    async def predict(self, instances: list[Any]) -> list[Any]:
        """Predict a batch of instances."""
        rows = [[getattr(instance, name) for name in FEATURES] for instance in instances]
        species, probabilities = self._model.predict(rows)
        return [
            iris_pb2.Prediction(species=SPECIES[place], probabilities=row)
            for place, row in zip(species.tolist(), probabilities.tolist(), strict=True)
        ]

    async def Predict(self, instance: Any) -> Any:  # noqa: N802
        """Predict one instance."""
        return await self.predict(instance)


def main(port: int, http_port: int) -> None:
    """Serve until told to stop."""
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    functions = ["iris_pb2_grpc.add_IrisServicer_to_server"]
    serve.start(
        http_options=HTTPOptions(host="127.0.0.1", port=http_port),
        grpc_options=gRPCOptions(port=port, grpc_servicer_functions=functions),
    )
    # What the decorator makes of the class, which mypy does not follow.
    deployment: Any = Iris
    serve.run(deployment.bind())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    signal.pause()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
