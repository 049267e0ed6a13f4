package dev.culebra.emulator.exec;

/** An approximate instruction: as good as it gets, or as wrong as it may be, as the warp says. */
final class ApproximateOperation extends Operation {
  final LaneOperation rounded;
  final LaneOperation perturbed;

  ApproximateOperation(LaneOperation rounded, LaneOperation perturbed) {
    this.rounded = rounded;
    this.perturbed = perturbed;
  }

  @Override
  void execute(Warp warp, int active) {
    (warp.perturbApproximations ? perturbed : rounded).execute(warp, active);
  }
}
