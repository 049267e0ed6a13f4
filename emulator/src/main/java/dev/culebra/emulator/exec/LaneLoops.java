package dev.culebra.emulator.exec;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Makes operations of functions of one lane: for each function a class with a loop over all lanes,
 * which HotSpot turns into vector instructions where it can, and a loop that looks at a mask. As
 * each function has loops of its own, its call in them is inlined.
 *
 * <p>What the class for {@code add32} would be in Java:
 *
 * <pre>{@code
 * void execute(Warp warp, int active) {
 *   int[] d = warp.words[destination], a = warp.words[first], b = warp.words[second];
 *   if (active == ALL) full(d, a, b); else masked(d, a, b, active);
 * }
 * static void full(int[] d, int[] a, int[] b) {
 *   for (int lane = 0; lane < LANES; lane++) d[lane] = add32(a[lane], b[lane]);
 * }
 * }</pre>
 *
 * Results that are predicates are gathered in one loop for all lanes, then masked.
 */
final class LaneLoops {
  private static final String[] SOURCES = {"first", "second", "third", "fourth"};

  private static final ClassDesc WARP = desc(Warp.class);
  private static final ClassDesc OPERATION = desc(LaneOperation.class);
  private static final ClassDesc WORDS = ClassDesc.ofDescriptor("[I");
  private static final ClassDesc LONGS = ClassDesc.ofDescriptor("[J");
  private static final MethodTypeDesc CONSTRUCTOR =
      MethodTypeDesc.of(
          ConstantDescs.CD_void, desc(LaneFunction.class), ConstantDescs.CD_int, WORDS);
  private static final MethodTypeDesc EXECUTE =
      MethodTypeDesc.of(ConstantDescs.CD_void, WARP, ConstantDescs.CD_int);

  private static final ConcurrentMap<LaneFunction, MethodHandle> CONSTRUCTORS =
      new ConcurrentHashMap<>();

  private LaneLoops() {}

  /**
   * @param destination slot of the result in the bank that the function's result needs
   * @param sources slots of the operands, likewise
   */
  static LaneOperation operation(LaneFunction function, int destination, int... sources) {
    if (sources.length != function.operands()) {
      throw new IllegalArgumentException(
          function.core().name() + " takes " + function.operands() + " operands");
    }
    try {
      return (LaneOperation)
          CONSTRUCTORS
              .computeIfAbsent(function, LaneLoops::define)
              .invokeExact(function, destination, sources);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandle define(LaneFunction function) {
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    ClassDesc name =
        ClassDesc.of(LaneLoops.class.getPackageName(), "Lanes_" + function.core().name());
    byte[] bytes = ClassFile.of().build(name, type -> new Generator(name, function).write(type));
    try {
      Class<?> defined = lookup.defineHiddenClass(bytes, true).lookupClass();
      return lookup
          .findConstructor(
              defined,
              MethodType.methodType(void.class, LaneFunction.class, int.class, int[].class))
          .asType(
              MethodType.methodType(
                  LaneOperation.class, LaneFunction.class, int.class, int[].class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no loops for " + function, e);
    }
  }

  private static ClassDesc desc(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }

  /** Writes one class. */
  private static final class Generator {
    private final ClassDesc name;
    private final LaneFunction function;
    private final boolean predicate;
    private final FrameLayout.Bank result;

    Generator(ClassDesc name, LaneFunction function) {
      this.name = name;
      this.function = function;
      result = LaneFunction.bank(function.result());
      predicate = result == FrameLayout.Bank.PREDICATE;
    }

    void write(ClassBuilder type) {
      type.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER);
      type.withSuperclass(OPERATION);
      type.withMethodBody(
          ConstantDescs.INIT_NAME,
          CONSTRUCTOR,
          0,
          code ->
              code.aload(0)
                  .aload(1)
                  .iload(2)
                  .aload(3)
                  .invokespecial(OPERATION, ConstantDescs.INIT_NAME, CONSTRUCTOR)
                  .return_());
      type.withMethodBody("execute", EXECUTE, 0, predicate ? this::gather : this::choose);
      if (predicate) {
        type.withMethodBody("bits", loopType(false), ClassFile.ACC_STATIC, this::bits);
      } else {
        type.withMethodBody(
            "full", loopType(false), ClassFile.ACC_STATIC, code -> loop(code, false));
        type.withMethodBody(
            "masked", loopType(true), ClassFile.ACC_STATIC, code -> loop(code, true));
      }
    }

    /** Parameters: destination unless a predicate, operands, and the mask where there is one. */
    private MethodTypeDesc loopType(boolean masked) {
      MethodTypeDesc type =
          MethodTypeDesc.of(predicate ? ConstantDescs.CD_int : ConstantDescs.CD_void);
      if (!predicate) {
        type = type.insertParameterTypes(0, parameter(result));
      }
      for (int i = 0; i < function.operands(); i++) {
        ClassDesc operand = parameter(LaneFunction.bank(function.operand(i)));
        type = type.insertParameterTypes(type.parameterCount(), operand);
      }
      return masked ? type.insertParameterTypes(type.parameterCount(), ConstantDescs.CD_int) : type;
    }

    private static ClassDesc parameter(FrameLayout.Bank bank) {
      return switch (bank) {
        case WORD -> WORDS;
        case LONG -> LONGS;
        case PREDICATE -> ConstantDescs.CD_int;
      };
    }

    /** Executes by calling one loop or the other. */
    private void choose(CodeBuilder code) {
      register(code, result, "destination");
      operands(code);
      Label masked = code.newLabel();
      code.iload(2).iconst_m1().if_icmpne(masked);
      code.invokestatic(name, "full", loopType(false)).return_();
      code.labelBinding(masked);
      code.iload(2).invokestatic(name, "masked", loopType(true)).return_();
    }

    /** Executes by {@code predicates[d] = predicates[d] & ~active | bits & active}. */
    private void gather(CodeBuilder code) {
      code.aload(1).getfield(WARP, "predicates", WORDS);
      code.aload(0).getfield(OPERATION, "destination", ConstantDescs.CD_int);
      code.dup2().iaload().iload(2).iconst_m1().ixor().iand();
      operands(code);
      code.invokestatic(name, "bits", loopType(false));
      code.iload(2).iand().ior().iastore().return_();
    }

    private void operands(CodeBuilder code) {
      for (int i = 0; i < function.operands(); i++) {
        register(code, LaneFunction.bank(function.operand(i)), SOURCES[i]);
      }
    }

    /** Pushes a register: an array of lanes, or a predicate's bits. */
    private static void register(CodeBuilder code, FrameLayout.Bank bank, String slot) {
      code.aload(1);
      switch (bank) {
        case WORD -> code.getfield(WARP, "words", ClassDesc.ofDescriptor("[[I"));
        case LONG -> code.getfield(WARP, "longs", ClassDesc.ofDescriptor("[[J"));
        case PREDICATE -> code.getfield(WARP, "predicates", WORDS);
      }
      code.aload(0).getfield(OPERATION, slot, ConstantDescs.CD_int);
      if (bank == FrameLayout.Bank.PREDICATE) {
        code.iaload();
      } else {
        code.aaload();
      }
    }

    private void loop(CodeBuilder code, boolean masked) {
      int mask = 1 + function.operands();
      int lane = mask + (masked ? 1 : 0);
      Label test = code.newLabel();
      Label next = code.newLabel();
      Label end = code.newLabel();
      code.iconst_0().istore(lane);
      code.labelBinding(test);
      code.iload(lane).bipush(Operation.LANES).if_icmpge(end);
      if (masked) {
        code.iload(mask).iload(lane).iushr().iconst_1().iand().ifeq(next);
      }
      code.aload(0).iload(lane);
      value(code, 1, lane);
      if (result == FrameLayout.Bank.WORD) {
        code.iastore();
      } else {
        code.lastore();
      }
      code.labelBinding(next);
      code.iinc(lane, 1).goto_(test);
      code.labelBinding(end);
      code.return_();
    }

    private void bits(CodeBuilder code) {
      int gathered = function.operands();
      int lane = gathered + 1;
      Label test = code.newLabel();
      Label next = code.newLabel();
      Label end = code.newLabel();
      code.iconst_0().istore(gathered).iconst_0().istore(lane);
      code.labelBinding(test);
      code.iload(lane).bipush(Operation.LANES).if_icmpge(end);
      value(code, 0, lane);
      code.ifeq(next);
      code.iload(gathered).iconst_1().iload(lane).ishl().ior().istore(gathered);
      code.labelBinding(next);
      code.iinc(lane, 1).goto_(test);
      code.labelBinding(end);
      code.iload(gathered).ireturn();
    }

    /** Pushes the function's value at a lane; operands are locals from {@code first} on. */
    private void value(CodeBuilder code, int first, int lane) {
      LaneCode.value(
          code,
          function,
          (to, i) -> {
            switch (LaneFunction.bank(function.operand(i))) {
              case WORD -> to.aload(first + i).iload(lane).iaload();
              case LONG -> to.aload(first + i).iload(lane).laload();
              case PREDICATE -> to.iload(first + i).iload(lane).iushr().iconst_1().iand();
            }
          });
    }
  }
}
