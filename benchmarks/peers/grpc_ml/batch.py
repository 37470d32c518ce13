"""Prints the request for a batch: python batch.py ANSWERS ROWS."""

import base64
import json
import sys
from pathlib import Path

import numpy as np
from bench_model import FEATURES
from iris_classifier.v1 import service_pb2 as pb

flowers = json.loads(Path(sys.argv[1]).read_text())["rows"]
columns = np.resize(flowers, (int(sys.argv[2]), len(FEATURES))).T
instances = pb.InstanceColumns(**dict(zip(FEATURES, columns, strict=True)))
request = pb.BatchPredictRequest(instances=instances)
print(base64.b64encode(request.SerializeToString()).decode())
