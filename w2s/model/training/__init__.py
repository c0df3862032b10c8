"""Training by gradient steps: the recipe, its plan of batches and rates, the loop, and the state to resume from."""

from w2s.model.training.recipe import Lora, Recipe

__all__ = ["Lora", "Recipe"]
