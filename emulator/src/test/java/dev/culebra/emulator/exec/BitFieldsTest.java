package dev.culebra.emulator.exec;

import org.junit.jupiter.api.Test;

/** Instructions on bits and bytes, against the manual's definitions bit by bit. */
final class BitFieldsTest {
  private static final long WORD = 0xffff_ffffL;

  private final InstructionCheck check = new InstructionCheck(System.nanoTime());

  private static long bit(long value, int place) {
    return value >>> place & 1;
  }

  @Test
  void popc_clz_and_brev_count_and_reverse() {
    for (int width : new int[] {32, 64}) {
      String operand = (width == 32 ? "%r" : "%rd") + "1";
      check.check(
          "popc.b" + width + " %r0, " + operand,
          in -> {
            long count = 0;
            for (int i = 0; i < width; i++) {
              count += bit(in[0], i);
            }
            return count;
          });
      check.check(
          "clz.b" + width + " %r0, " + operand,
          in -> {
            int count = 0;
            while (count < width && bit(in[0], width - 1 - count) == 0) {
              count++;
            }
            return count;
          });
      check.check(
          "brev.b" + width + " " + operand.replace('1', '0') + ", " + operand,
          in -> {
            long reversed = 0;
            for (int i = 0; i < width; i++) {
              reversed |= bit(in[0], i) << width - 1 - i;
            }
            return reversed;
          });
    }
  }

  @Test
  void bfind_finds_the_highest_bit_that_is_no_sign() {
    for (int width : new int[] {32, 64}) {
      for (boolean signed : new boolean[] {false, true}) {
        for (boolean shift : new boolean[] {false, true}) {
          check.check(
              "bfind%s.%s%d %%r0, %s1"
                  .formatted(
                      shift ? ".shiftamt" : "",
                      signed ? "s" : "u",
                      width,
                      width == 32 ? "%r" : "%rd"),
              in -> {
                long a = signed && bit(in[0], width - 1) == 1 ? ~in[0] : in[0];
                for (int i = width - 1; i >= 0; i--) {
                  if (bit(a, i) == 1) {
                    return shift ? width - 1 - i : i;
                  }
                }
                return WORD;
              });
        }
      }
    }
  }

  @Test
  void fns_walks_from_the_base_in_either_direction() {
    check.check(
        "fns.b32 %r0, %r1, %r2, %r3",
        in -> {
          int base = (int) in[1];
          int offset = (int) in[2];
          if (base < 0 || base > 31) {
            return WORD;
          }
          if (offset == 0) {
            return bit(in[0], base) == 1 ? base : WORD;
          }
          long count = Math.abs((long) offset) - 1;
          for (int place = base; place >= 0 && place < 32; place += offset > 0 ? 1 : -1) {
            if (bit(in[0], place) == 1 && count-- == 0) {
              return place;
            }
          }
          return WORD;
        });
  }

  @Test
  void bfe_extracts_and_pads_with_the_fields_sign() {
    for (int width : new int[] {32, 64}) {
      for (boolean signed : new boolean[] {false, true}) {
        String r = width == 32 ? "%r" : "%rd";
        check.check(
            "bfe.%s%d %s0, %s1, %%r2, %%r3".formatted(signed ? "s" : "u", width, r, r),
            in -> {
              // 64 bits take more than the 8 that the manual allows, see BitFields
              long position = width == 32 ? in[1] & 0xff : in[1];
              long length = width == 32 ? in[2] & 0xff : in[2];
              long last = Math.min(position + length - 1, width - 1);
              long sign = signed && length > 0 ? bit(in[0], (int) last) : 0;
              long result = 0;
              for (int i = 0; i < width; i++) {
                boolean inside = i < length && position + i < width;
                result |= (inside ? bit(in[0], (int) position + i) : sign) << i;
              }
              return result;
            });
      }
    }
  }

  @Test
  void bfi_inserts_as_much_as_fits() {
    for (int width : new int[] {32, 64}) {
      String r = width == 32 ? "%r" : "%rd";
      check.check(
          "bfi.b%d %s0, %s1, %s2, %%r3, %%r4".formatted(width, r, r, r),
          in -> {
            int position = (int) in[2] & 0xff;
            int length = (int) in[3] & 0xff;
            long result = in[1];
            for (int i = 0; i < length && position + i < width; i++) {
              result &= ~(1L << position + i);
              result |= bit(in[0], i) << position + i;
            }
            return result;
          });
    }
  }

  @Test
  void bmsk_makes_a_field_of_ones() {
    for (boolean clamp : new boolean[] {false, true}) {
      check.check(
          "bmsk." + (clamp ? "clamp" : "wrap") + ".b32 %r0, %r1, %r2",
          in -> {
            long start = clamp ? in[0] : in[0] & 31;
            long width = clamp ? Math.min(in[1], 32) : in[1] & 31;
            long result = 0;
            for (long i = start; i < Math.min(start + width, 32); i++) {
              result |= 1L << i;
            }
            return result;
          });
    }
  }

  @Test
  void szext_extends_from_any_bit() {
    for (boolean clamp : new boolean[] {false, true}) {
      for (boolean signed : new boolean[] {false, true}) {
        check.check(
            "szext.%s.%s %%r0, %%r1, %%r2"
                .formatted(clamp ? "clamp" : "wrap", signed ? "s32" : "u32"),
            in -> {
              long width = clamp ? Math.min(in[1], 32) : in[1] & 31;
              if (width == 0) {
                return 0;
              }
              long sign = signed ? bit(in[0], (int) width - 1) : 0;
              long result = 0;
              for (int i = 0; i < 32; i++) {
                result |= (i < width ? bit(in[0], i) : sign) << i;
              }
              return result;
            });
      }
    }
  }

  /** The manual's tables: for each mode and c, the bytes of the result from the highest down. */
  private static final String[][] MODES = {
    {"f4e", "3210", "4321", "5432", "6543"},
    {"b4e", "5670", "6701", "7012", "0123"},
    {"rc8", "0000", "1111", "2222", "3333"},
    {"ecl", "3210", "3211", "3222", "3333"},
    {"ecr", "0000", "1110", "2210", "3210"},
    {"rc16", "1010", "3232", "1010", "3232"},
  };

  private static long chosen(long a, long b, int place) {
    return (place < 4 ? a >>> 8 * place : b >>> 8 * (place - 4)) & 0xff;
  }

  @Test
  void prmt_picks_bytes_by_code_or_by_mode() {
    check.check(
        "prmt.b32 %r0, %r1, %r2, %r3",
        in -> {
          long result = 0;
          for (int i = 0; i < 4; i++) {
            int code = (int) (in[2] >>> 4 * i & 15);
            long picked = chosen(in[0], in[1], code & 7);
            result |= ((code & 8) == 0 ? picked : picked > 127 ? 255 : 0) << 8 * i;
          }
          return result;
        });
    for (String[] mode : MODES) {
      check.check(
          "prmt.b32." + mode[0] + " %r0, %r1, %r2, %r3",
          in -> {
            String bytes = mode[1 + (int) (in[2] & 3)];
            long result = 0;
            for (int i = 0; i < 4; i++) {
              result = result << 8 | chosen(in[0], in[1], bytes.charAt(i) - '0');
            }
            return result;
          });
    }
  }
}
