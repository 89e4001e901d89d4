import { createServer } from "node:http";

const port = Number(process.env["PORT"] ?? 8080);

const server = createServer((request, response) => {
  if (request.url === "/health") {
    response.end("ok\n");
    return;
  }
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("Hello from __NAME__\n");
});

server.listen(port, () => console.log(`Listening on port ${port}`));

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    // Requests that are under way are answered; then nothing is left to wait for, and Node ends.
    server.close();
    setTimeout(() => server.closeAllConnections(), 5000).unref();
  });
}
