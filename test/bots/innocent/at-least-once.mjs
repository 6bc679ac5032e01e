// Takes every update at least once and does its work once: a failure of MongoDB is answered 500 before anything was said.
import { MongoClient } from 'mongodb';
import { say, serve } from './serve.mjs';

const client = await MongoClient.connect(process.env.MONGO_URI, { retryReads: false, retryWrites: false });
const taken = client.db().collection('taken');
const carts = client.db().collection('carts');

/** Claims the update. A claim that cannot be made is no claim, and the update comes again. */
async function take({ update_id }) {
  try {
    await taken.insertOne({ _id: update_id, at: new Date() });
    return true;
  } catch (error) {
    if (error.code === 11000) return false;
    throw error;
  }
}

serve(
  async ({ message: { chat, text } }) => {
    if (text === '/start') {
      await carts.updateOne({ _id: chat.id }, { $set: { things: [] } }, { upsert: true });
      await say(chat.id, 'What shall I put into the cart?');
    } else if (text === '/cart') {
      const cart = await carts.findOne({ _id: chat.id });
      await say(chat.id, `In the cart: ${cart.things.join(', ')}.`);
    } else {
      await carts.updateOne({ _id: chat.id }, { $addToSet: { things: text } }, { upsert: true });
      await say(chat.id, `${text} it is. What else?`);
    }
  },
  { take },
);
