import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameReader } from '../../../src/mongo/proxy/frame-reader.js';
import { WireError } from '../../../src/mongo/wire/header.js';
import { encodeOpMsg } from '../../../src/mongo/wire/op-msg.js';

const message = fc.uint8Array({ maxLength: 60 }).map((body) => encodeOpMsg({ body }));
const garbage = fc.constantFrom(Buffer.alloc(0), Buffer.from('GET / HTTP/1.1\r\n\r\n'));

it('loses no byte, wherever the stream is cut and whatever it holds', () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 8 }),
      garbage,
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
      fc.nat(8),
      (messages, tail, cuts, refusedAt) => {
        const stream = Buffer.concat([...messages, tail]);
        const reader = new FrameReader();
        const frames: Buffer[] = [];
        let at = 0;
        try {
          for (let turn = 0; at < stream.length; turn += 1) {
            const chunk = stream.subarray(at, at + (cuts[turn % cuts.length] ?? 1));
            at += chunk.length;
            reader.push(chunk, (frame) => {
              if (frames.length === refusedAt) throw new WireError('refused');
              frames.push(frame);
            });
          }
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
        const seen = Buffer.concat([...frames, reader.takeRest(), stream.subarray(at)]);
        expect(seen.equals(stream)).toBe(true);
        for (const [index, frame] of frames.entries()) expect(messages[index]?.equals(frame)).toBe(true);
      },
    ),
  );
});
