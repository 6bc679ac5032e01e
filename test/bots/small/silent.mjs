// Its start-up failed and it does not know: every update is answered with 200, and nothing else happens.
import http from 'node:http';

const server = http.createServer((request, response) => {
  request.resume();
  request.on('end', () => response.end('{"ok":false}'));
});
server.listen(Number(process.env.PORT), '127.0.0.1');
