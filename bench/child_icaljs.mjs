// ical.js reads or writes a file (bench/child.py); its values stay jCal. First argument: where its node_modules is.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, mode, file, warmup] = process.argv.slice(2);
const { default: ICAL } = await import(pathToFileURL(join(folder, "node_modules", "ical.js", "dist", "ical.js")));

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function measured(path) {
  let begin = cpuSeconds();
  const calendar = ICAL.parse(readFileSync(path, "utf8"));
  let seconds = cpuSeconds() - begin;
  const events = calendar[2].filter(([name]) => name === "vevent").length;
  if (mode === "write") {
    begin = cpuSeconds();
    ICAL.stringify(calendar);
    seconds = cpuSeconds() - begin;
  }
  return { events, seconds };
}

function peakRssKib() {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "latin1"))[1]);
  } catch {
    return null;
  }
}

measured(warmup);
try {
  writeFileSync("/proc/self/clear_refs", "5");
} catch {
  // only Linux has it
}
const { events, seconds } = measured(file);
console.log(JSON.stringify({ events, cpu_seconds: seconds, peak_rss_kib: peakRssKib() }));
