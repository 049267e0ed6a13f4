/** Models and training states on disk: safetensors and JSON, whole or not at all. */
package dev.culebra.model.checkpoint;
