package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.FunctionBody;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.Variable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An {@code .entry} of a loaded program. */
public final class Kernel {
  private static final int MAX_THREADS = 1024;

  /** Local memory of a thread whose calls can't be counted: address space, taken when touched. */
  private static final long UNKNOWN_STACK = 1 << 19;

  private final Program program;
  private final Function function;
  private final List<KernelParameter> parameters;
  private final int parameterBytes;
  private final Map<String, FunctionReference> references = new HashMap<>();
  private SharedLayout shared;
  private final List<Code> codes = new ArrayList<>();
  private UnsupportedPtxException refusal;
  private boolean accepted;
  private int registers;

  Kernel(Program program, Function function) {
    this.program = program;
    this.function = function;
    List<KernelParameter> laidOut = new ArrayList<>();
    int offset = 0;
    for (Variable parameter : function.parameters()) {
      int alignment = Math.max(1, parameter.alignment());
      offset = FunctionScope.align(offset, alignment);
      int bytes = Math.toIntExact(parameter.size());
      laidOut.add(new KernelParameter(offset, bytes, alignment));
      offset = Math.addExact(offset, bytes);
    }
    parameters = List.copyOf(laidOut);
    parameterBytes = offset;
  }

  public String name() {
    return function.name();
  }

  public Program program() {
    return program;
  }

  Function function() {
    return function;
  }

  /** Where each parameter lies. */
  public List<KernelParameter> parameters() {
    return parameters;
  }

  /** Bytes of all parameters. */
  public int parameterBytes() {
    return parameterBytes;
  }

  /** Bytes of the shared variables of fixed size, of this kernel and what it calls. */
  public int staticSharedBytes() {
    return shared().staticBytes();
  }

  /** Bytes of local variables in each thread, of this kernel alone. */
  public int localBytes() {
    return new FunctionScope(this, function).localBytes();
  }

  /** What its launch bounds allow, or 1024. */
  public int maxThreadsPerBlock() {
    Function.LaunchBounds bounds = function.bounds();
    Dim3 required = requiredBlock();
    if (required != null) {
      return Math.toIntExact(required.product());
    }
    return bounds == null || bounds.maxThreads() == 0 ? MAX_THREADS : bounds.maxThreads();
  }

  /** An estimate: the most values of 32 bits alive at once, at least 16, at most 255. */
  public synchronized int registers() {
    if (registers == 0) {
      registers = RegisterPressure.of(function);
    }
    return registers;
  }

  /** Blocks of a cluster that it was compiled for; null without. */
  public Dim3 requiredCluster() {
    return function.bounds() == null ? null : dimensions(function.bounds().cluster());
  }

  /** Threads of a block that it was compiled for; null without. */
  public Dim3 requiredBlock() {
    return function.bounds() == null ? null : dimensions(function.bounds().required());
  }

  private static Dim3 dimensions(List<Integer> numbers) {
    if (numbers.isEmpty()) {
      return null;
    }
    return new Dim3(
        numbers.get(0),
        numbers.size() > 1 ? numbers.get(1) : 1,
        numbers.size() > 2 ? numbers.get(2) : 1);
  }

  /**
   * Looks at all instructions of the kernel and of what it calls.
   *
   * @throws UnsupportedPtxException naming the first that is not emulated
   */
  public synchronized void requireSupported() {
    if (refusal != null) {
      throw refusal;
    }
    if (accepted) {
      return;
    }
    try {
      entry();
      for (boolean more = true; more; ) {
        more = false;
        for (Code code : List.copyOf(codes)) {
          for (FunctionReference callee : code.callees()) {
            int before = codes.size();
            callee.code();
            more |= codes.size() > before;
          }
        }
      }
      accepted = true;
    } catch (UnsupportedPtxException e) {
      refusal = e;
      throw e;
    }
  }

  /** Its own code. */
  Code entry() {
    return reference(function).code();
  }

  synchronized FunctionReference reference(Function target) {
    return references.computeIfAbsent(target.name(), name -> new FunctionReference(this, target));
  }

  synchronized Code decode(Function target) {
    for (Code code : codes) {
      if (code.function() == target) {
        return code;
      }
    }
    Code code = CodeDecoder.decode(this, target, codes.size());
    codes.add(code);
    return code;
  }

  /** Bytes of local memory that a thread may need, calls included. */
  synchronized long stackBytes() {
    requireSupported();
    long bytes = stackBytes(entry(), new ArrayDeque<>());
    return bytes < 0 ? UNKNOWN_STACK : bytes;
  }

  /** For a function and what it calls; negative where calls are recursive or by address. */
  private static long stackBytes(Code code, ArrayDeque<Code> callers) {
    if (callers.contains(code) || code.callsIndirectly()) {
      return -1;
    }
    callers.push(code);
    long deepest = 0;
    for (FunctionReference callee : code.callees()) {
      long bytes = stackBytes(callee.code(), callers);
      if (bytes < 0) {
        return -1;
      }
      deepest = Math.max(deepest, bytes);
    }
    callers.pop();
    return deepest + code.localBytes();
  }

  /** Whether the kernel asks for shared memory that the system reserves. */
  synchronized boolean usesReservedShared() {
    return codes.stream().anyMatch(Code::usesReservedShared);
  }

  /** Functions decoded so far. */
  synchronized int codeCount() {
    return codes.size();
  }

  synchronized SharedLayout shared() {
    if (shared == null) {
      shared = SharedLayout.of(program, function);
    }
    return shared;
  }

  int sharedAddress(Variable variable) {
    return shared().address(variable);
  }

  /** Names that a function's instructions mention. */
  static List<String> symbols(FunctionBody body) {
    List<String> names = new ArrayList<>();
    body.instructions().forEach(i -> i.operands().forEach(operand -> collect(operand, names)));
    return names;
  }

  private static void collect(Operand operand, List<String> names) {
    switch (operand) {
      case Operand.SymbolAddress symbol -> names.add(symbol.name());
      case Operand.Address address when address.base() != null -> collect(address.base(), names);
      case Operand.Vector vector -> vector.elements().forEach(e -> collect(e, names));
      case Operand.Arguments arguments -> arguments.elements().forEach(e -> collect(e, names));
      default -> {
        // Nothing else that is emulated names a symbol.
      }
    }
  }
}
