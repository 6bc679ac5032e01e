// A queue in MongoDB: acknowledged when stored, answered by a worker who looks for work and mostly finds none.
import { MongoClient } from 'mongodb';
import { say, serve } from './serve.mjs';

const EVERY_MS = 120;
const client = await MongoClient.connect(process.env.MONGO_URI);
const jobs = client.db().collection('jobs');

async function work() {
  try {
    const job = await jobs.findOneAndUpdate(
      { state: 'waiting' },
      { $set: { state: 'taken' } },
      { sort: { _id: 1 } },
    );
    if (job !== null) {
      await say(
        job.chat,
        job.text === '/start'
          ? 'Send me a word to translate.'
          : `${job.text} in reverse: ${[...job.text].reverse().join('')}`,
      );
      await jobs.updateOne({ _id: job._id }, { $set: { state: 'done' } });
    }
  } catch (error) {
    console.error(error);
  }
  setTimeout(work, EVERY_MS);
}

serve(
  ({ update_id, message }) =>
    jobs.updateOne(
      { _id: update_id },
      { $setOnInsert: { state: 'waiting', chat: message.chat.id, text: message.text } },
      { upsert: true },
    ),
  { take: () => true },
);
await work();
