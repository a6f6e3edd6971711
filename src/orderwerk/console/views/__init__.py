"""The pages: one module per section; each view asks its scope, reads, and renders."""
