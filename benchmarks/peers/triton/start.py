"""Starts Triton from its wheel with one model, on the CPU: python start.py PORT MODEL.

The wheel keeps its server, its libraries and a Python backend for each Python apart; this puts
them where the server looks for them.
"""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import pytriton

HERE = Path(__file__).resolve().parent
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def main(port: str, model: str) -> None:
    """Become the server."""
    packages = Path(pytriton.__file__).parent.parent
    server = packages / "pytriton" / "tritonserver"
    stub = server / "python_backend_stubs" / PYTHON / "triton_python_backend_stub"
    shutil.copy(stub, server / "backends" / "python")
    libraries = [
        packages / "nvidia_pytriton.libs",
        server / "external_libs",
        sysconfig.get_config_var("LIBDIR"),
    ]
    os.environ["LD_LIBRARY_PATH"] = os.pathsep.join(map(str, libraries))
    arguments = {
        "model-repository": HERE / "repository",
        "model-control-mode": "explicit",
        "load-model": model,
        "backend-directory": server / "backends",
        "grpc-address": "127.0.0.1",
        "grpc-port": port,
        "allow-http": "false",
        "allow-metrics": "false",
    }
    command = [str(server / "bin" / "tritonserver")]
    command += [f"--{name}={value}" for name, value in arguments.items()]
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
