"""Updates a project: its schema as people have edited it, a newer template, or both.

``python -m grpc_ml_template.updating`` is what a project's ``make update`` runs, from the newest
version of the template. It needs what a project's own environment has: cookiecutter and grpcio-tools.
"""
