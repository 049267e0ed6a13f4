package dev.culebra.model;

/**
 * Frequencies of rotary positions: pair i of a head turns by {@code theta^(-2i/D)} radians a
 * position (Su et al. 2021), scaled as Llama 3.1 does where {@code factor} is not 1.
 *
 * @param theta base of the frequencies
 * @param factor by which long wavelengths are stretched; 1 for none
 * @param lowFrequencyFactor wavelengths above {@code originalContext / this} are stretched in full
 * @param highFrequencyFactor wavelengths below {@code originalContext / this} are left alone
 * @param originalContext context length before stretching
 */
public record Rotary(
    float theta,
    float factor,
    float lowFrequencyFactor,
    float highFrequencyFactor,
    int originalContext) {

  /** No scaling. */
  public static Rotary plain(float theta) {
    return new Rotary(theta, 1, 1, 1, 0);
  }

  /** {@code [D / 2]} frequencies in radians a position. */
  public float[] frequencies(int headDim) {
    float[] frequencies = new float[headDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) scaled(Math.pow(theta, -2.0 * i / headDim));
    }
    return frequencies;
  }

  private double scaled(double frequency) {
    if (factor == 1) {
      return frequency;
    }
    double turns = originalContext * frequency / (2 * Math.PI);
    double kept =
        Math.clamp(
            (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor), 0.0, 1.0);
    return frequency * (kept + (1 - kept) / factor);
  }
}
