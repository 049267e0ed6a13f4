package dev.culebra.emulator.exec;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Map;

/** The static methods of a class that are no one's but its package's, by name. */
final class ScalarMethods {
  private final Map<String, ScalarMethod> byName = new HashMap<>();

  /**
   * @throws IllegalStateException when two have the same name
   */
  ScalarMethods(Class<?> owner) {
    ClassDesc described = owner.describeConstable().orElseThrow();
    for (Method method : owner.getDeclaredMethods()) {
      if (!Modifier.isStatic(method.getModifiers()) || Modifier.isPrivate(method.getModifiers())) {
        continue;
      }
      MethodTypeDesc type =
          MethodType.methodType(method.getReturnType(), method.getParameterTypes())
              .describeConstable()
              .orElseThrow();
      ScalarMethod scalar = new ScalarMethod(described, method.getName(), type);
      if (byName.put(method.getName(), scalar) != null) {
        throw new IllegalStateException(owner + " has two methods named " + method.getName());
      }
    }
  }

  /** The method of that name as a function of lanes; null where there is none. */
  LaneFunction find(String name) {
    ScalarMethod method = byName.get(name);
    return method == null ? null : new LaneFunction(method);
  }

  /**
   * The method of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  ScalarMethod method(String name) {
    ScalarMethod method = byName.get(name);
    if (method == null) {
      throw new IllegalArgumentException("no method is named " + name);
    }
    return method;
  }
}
