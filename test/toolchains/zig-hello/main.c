#include <stdio.h>

int main(void) {
  puts("hello from zig cc");
  return 0;
}
