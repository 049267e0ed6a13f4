package dev.culebra.emulator.exec;

/** {@code wmma.mma} of more than one tile. */
final class TileSequence extends Operation {
  private final TileOperation[] tiles;
  private final int[] results;
  private final int[] destinations;

  /**
   * @param results where the tiles' results lie, words
   * @param destinations where they belong; the same where no tile needs what another overwrites
   */
  TileSequence(TileOperation[] tiles, int[] results, int[] destinations) {
    this.tiles = tiles;
    this.results = results;
    this.destinations = destinations;
  }

  @Override
  void execute(Warp warp, int active) {
    for (TileOperation tile : tiles) {
      tile.execute(warp, active);
    }
    if (results != destinations) {
      for (int i = 0; i < results.length; i++) {
        System.arraycopy(warp.words[results[i]], 0, warp.words[destinations[i]], 0, LANES);
      }
    }
  }
}
