"""What carries gRPC."""
