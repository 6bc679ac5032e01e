/**
 * The same tests again, with a proxy that reads from its clients as every Node program does: that is what it does
 * where a version of Node does not hand out what lies under a socket.
 */
import { useOrdinarySockets } from './rig.js';

useOrdinarySockets();
await import('./bypass.test.js');
await import('./streams.test.js');
await import('./faults.test.js');
await import('./effects.test.js');
await import('./hello.test.js');
await import('./members.test.js');
await import('./fuzz.test.js');
