"""The program dies at every point at which something becomes lasting, one after the other, and is let go on."""
