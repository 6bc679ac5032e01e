import { setFlagsFromString } from 'node:v8';

/**
 * Has garbage collected when the heap has grown by two fifths. On a machine with much memory V8 else waits until it is two
 * or three times what lives, and judging a long history leaves much garbage: 390 MB where 275 MB are enough, for no CPU that shows.
 * For commands that do nothing but judge.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=40');
}
