import { createServer } from "node:http";
import { greeting } from "@__NAME__/greeting";

const server = createServer((_request, response) => {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ message: greeting("api") }));
});

server.listen(8080);

// Requests that are under way are answered; then nothing is left to wait for, and Node ends.
process.once("SIGTERM", () => server.close());
