"""The engine: runs questions, records what happens, serves front ends. It knows no Qt."""
