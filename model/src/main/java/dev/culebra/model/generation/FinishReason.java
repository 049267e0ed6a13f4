package dev.culebra.model.generation;

/** Why a generation ended. */
public enum FinishReason {
  /** The model wrote its end-of-text token. */
  END_OF_TEXT,
  /** A stop string appeared. */
  STOP,
  /** As many tokens as were asked for. */
  MAX_TOKENS,
  /** The context is full. */
  CONTEXT_FULL,
  /** The listener said so. */
  CANCELLED
}
