package dev.culebra.emulator.exec;

/** Several operations, one after the other, that make up one instruction. */
final class SequenceOperation extends Operation {
  final Operation[] operations;

  SequenceOperation(Operation... operations) {
    this.operations = operations.clone();
  }

  @Override
  void execute(Warp warp, int active) {
    for (Operation operation : operations) {
      operation.execute(warp, active);
    }
  }
}
