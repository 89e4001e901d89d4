/** How QEMU is started (Debian 12's and later). All that the guest could see is the same on every host. */

import type { GuestArchitecture } from "../guest/architecture.ts";

/** What runs its processor: the host's own, or QEMU. */
export type Acceleration = "kvm" | "tcg";

/** What a machine boots, and how much memory it has. */
export interface MachineBoot {
  readonly architecture: GuestArchitecture;
  readonly acceleration: Acceleration;
  readonly kernel: string;
  readonly initramfs: string;
  readonly memoryMiB: number;
  /** Whether it reaches the host's network. */
  readonly network: boolean;
}

/** What differs from job to job, and may differ between a snapshot and who goes on from it. */
export interface MachineWires {
  /** The file behind the guest's memory, and whether what the guest writes goes into it. */
  readonly memory: { readonly file: string; readonly share: boolean };
  /** A chardev for each of the ports, without its id. */
  readonly log: string;
  readonly result: string;
  /** Block nodes, without their names. */
  readonly disk: string;
  readonly swap: string;
  /** Names of sockets: we listen on the one, QEMU on the other. */
  readonly serial: string;
  readonly qmp: string;
  readonly isIncoming: boolean;
}

/** Devices that have nothing behind them yet. */
export const UNCONNECTED = {
  log: "null",
  result: "null",
  disk: "driver=null-co,read-only=on,size=1048576",
  swap: "driver=null-co,size=1048576",
};

/**
 * Random numbers of the kernel begin with those that the host gives it behind a snapshot, and not before. A program lies at the same
 * addresses each time it is started: what QEMU has translated of it is then used again. A kernel that boots says so here and there, for who
 * waits (`silence.ts`).
 */
const KERNEL_ARGUMENTS =
  "panic=-1 loglevel=6 cryptomgr.notests mitigations=off nokaslr norandmaps random.trust_cpu=off random.trust_bootloader=off";

/** By sockets of QEMU's own, as any user's programs have them. Nothing boots from it. */
const NETWORK: readonly (readonly string[])[] = [
  ["-netdev", "user,id=network,ipv6=off"],
  ["-device", "virtio-net-pci,netdev=network,romfile="],
];

export function machineArguments(boot: MachineBoot, wires: MachineWires): readonly string[] {
  const { memory, log, result, disk, swap, serial, qmp, isIncoming } = wires;
  const { architecture, acceleration } = boot;
  const share = memory.share ? "on" : "off";
  const options: readonly (readonly string[])[] = [
    ["-accel", acceleration],
    ["-cpu", acceleration === "kvm" ? architecture.kvm!.processor : architecture.processor],
    ["-machine", `${architecture.machine},memory-backend=ram`],
    ["-smp", "1"],
    ["-m", `${boot.memoryMiB}`],
    ["-object", `memory-backend-file,id=ram,size=${boot.memoryMiB}M,mem-path=${memory.file},share=${share}`],
    ["-nodefaults"],
    ["-no-user-config"],
    ["-display", "none"],
    ["-no-reboot"],
    ["-rtc", "base=1980-01-01T00:00:00,clock=vm"],
    ["-kernel", boot.kernel],
    ["-initrd", boot.initramfs],
    ["-append", `${architecture.kernelArguments} ${KERNEL_ARGUMENTS}`],
    ["-serial", `unix:${serial}`],
    ["-qmp", `unix:${qmp},server=on,wait=off`],
    ["-object", "rng-builtin,id=random"],
    ["-device", "virtio-rng-pci,rng=random"],
    ["-device", "virtio-serial-pci"],
    ["-chardev", `${log},id=log`],
    ["-device", "virtserialport,chardev=log,name=image-dsl.log"],
    ["-chardev", `${result},id=result`],
    ["-device", "virtserialport,chardev=result,name=image-dsl.result"],
    ["-blockdev", `node-name=disk,${disk}`],
    ["-device", "virtio-blk-pci,drive=disk"],
    ["-blockdev", `node-name=swap,${swap}`],
    // A full disk of the host is an input error there: it would stand still for ever.
    ["-device", "virtio-blk-pci,drive=swap,werror=report"],
    ...(boot.network ? NETWORK : []),
    isIncoming ? ["-incoming", "defer"] : [],
  ];
  return options.flat();
}
