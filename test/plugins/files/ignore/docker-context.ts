/** What Docker's own client sends of a folder: `docker build` against a daemon that keeps what it is sent. */
import { execFile, execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface DockerClient {
  /** The names of the context, with a slash behind those of folders; undefined where the client refuses the ignore file. */
  contextOf(folder: string): Promise<readonly string[] | undefined>;
  close(): void;
}

export async function dockerClient(docker: string, home: string): Promise<DockerClient> {
  let context: Buffer | undefined;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const isBuild = request.url!.includes("/build");
      if (isBuild) context = Buffer.concat(pieces);
      response.setHeader("API-Version", "1.41");
      response.setHeader("OSType", "linux");
      response.end(isBuild ? '{"stream":"done"}\n' : "OK");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { PATH: process.env["PATH"], HOME: home, DOCKER_HOST: host, DOCKER_BUILDKIT: "0", NO_PROXY: "127.0.0.1" };
  return {
    async contextOf(folder) {
      const isSent = await new Promise<boolean>((resolve) => {
        execFile(docker, ["build", "-q", folder], { env }, (error) => resolve(error === null));
      });
      if (!isSent) return undefined;
      const list = ["-t", "--quoting-style=literal"];
      return execFileSync("tar", list, { input: context!, encoding: "utf8" }).split("\n").slice(0, -1);
    },
    close: () => void server.close(),
  };
}
