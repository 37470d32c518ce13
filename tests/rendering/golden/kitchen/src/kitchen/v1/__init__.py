"""Messages and stubs; protoc writes them from proto/ for ``make proto``."""
