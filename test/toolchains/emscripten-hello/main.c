#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  printf("%d arguments, home %s\n", argc, getenv("HOME"));
  return 0;
}
