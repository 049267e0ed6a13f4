package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_USER_OBJECT_MOVE;
import static dev.culebra.bindings.cuda.cuda_h.CU_USER_OBJECT_NO_DESTRUCTOR_SYNC;

/** Objects of the program whose life graphs prolong. */
final class UserObjectApi {
  private static final int SUCCESS = 0;

  private UserObjectApi() {}

  static int cuUserObjectCreate(long place, long pointer, long destroy, int references, int flags) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    CallerMemory.requireNonNull(place, "the place for a user object");
    CallerMemory.requireNonNull(destroy, "the function that destroys");
    if (flags != CU_USER_OBJECT_NO_DESTRUCTOR_SYNC()) {
      throw Status.INVALID_VALUE.because("a user object's flags are NO_DESTRUCTOR_SYNC");
    }
    requireCount(references);
    UserObject object = new UserObject(driver, pointer, destroy, references);
    CallerMemory.putLong(place, object.handle);
    return SUCCESS;
  }

  private static void requireCount(int count) {
    if (count <= 0) {
      throw Status.INVALID_VALUE.because(count + " references");
    }
  }

  private static UserObject object(Driver driver, long handle) {
    driver.requireInitialised();
    return driver.resource(handle, UserObject.class, "user object");
  }

  static int cuUserObjectRetain(long handle, int count) {
    requireCount(count);
    object(Driver.get(), handle).retain(count);
    return SUCCESS;
  }

  static int cuUserObjectRelease(long handle, int count) {
    requireCount(count);
    object(Driver.get(), handle).release(count);
    return SUCCESS;
  }

  static int cuGraphRetainUserObject(long graphHandle, long handle, int count, int flags) {
    Driver driver = Driver.get();
    driver.context();
    Graph graph = GraphApi.graph(driver, graphHandle);
    UserObject object = object(driver, handle);
    requireCount(count);
    if ((flags & ~CU_GRAPH_USER_OBJECT_MOVE()) != 0) {
      throw Status.INVALID_VALUE.because("flags: 0x" + Integer.toHexString(flags));
    }
    graph.objects().retain(object, count);
    if (flags == CU_GRAPH_USER_OBJECT_MOVE()) {
      object.release(count);
    }
    return SUCCESS;
  }

  static int cuGraphReleaseUserObject(long graphHandle, long handle, int count) {
    Driver driver = Driver.get();
    driver.context();
    requireCount(count);
    GraphApi.graph(driver, graphHandle).objects().release(object(driver, handle), count);
    return SUCCESS;
  }
}
