import { createServer } from "node:http";
import { greeting } from "@__NAME__/greeting";

const server = createServer((_request, response) => {
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(`<!doctype html><title>web</title><h1>${greeting("web")}</h1>`);
});

server.listen(8080);

// Requests that are under way are answered; then nothing is left to wait for, and Node ends.
process.once("SIGTERM", () => server.close());
