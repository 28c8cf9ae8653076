"""The example city: sources, a background population, and the stories that the tour tells. All of it is invented;
codes and numbers hold their checks and belong to nobody."""
