#include <stdio.h>

/* Copies a file, so that the binary asks for paths. */
int main(void) {
  FILE *in = fopen("in.txt", "rb");
  FILE *out = fopen("out.txt", "wb");
  if (!in || !out) return 1;
  for (int c = getc(in); c != EOF; c = getc(in)) putc(c, out);
  return fclose(out) || fclose(in);
}
