'use strict';

// Reads a Delta table with ClickHouse (delta-kernel-rs), which had no part in writing it, and prints what it sees as one line of
// JSON: { count, sums: { column: sum }, distinct: { column: number }, partitions: [[path, rows], ...] }.
//
//   node read.js <table folder> [version] < requests
//
// Without a version, the newest. With `-` for the folder, requests are read from stdin, one "<folder>\t<version or empty>" a line.

const path = require('node:path');
const readline = require('node:readline');
const { query } = require('chdb');

// The engine reads only below its working folder.
const start = process.cwd();
process.chdir('/');

function literal(text) {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
}

function rows(sql, version) {
  const settings = ['allow_experimental_delta_kernel_rs = 1'];
  if (version !== undefined && version !== '') {
    settings.push(`delta_lake_snapshot_version = ${Number(version)}`);
  }
  const text = query(`${sql} SETTINGS ${settings.join(', ')}, output_format_json_quote_64bit_integers = 1`, 'JSONEachRow');
  return String(text).split('\n').filter((line) => line.length > 0).map((line) => JSON.parse(line));
}

function read(folder, version) {
  const table = `deltaLakeLocal(${literal(path.resolve(start, folder))})`;
  const columns = rows(`DESCRIBE TABLE ${table}`, version);
  const partition = ['contract_version', 'year', 'month', 'day', 'hour', 'run_id'];
  const own = columns.filter((column) => !partition.includes(column.name));
  const aggregates = own.map(({ name, type }) => {
    const quoted = `\`${name}\``;
    return /Int|Float|Decimal/.test(type) && !type.startsWith('Map(')
      ? `toString(sum(${quoted})) AS \`sum.${name}\``
      : `toString(uniqExact(${quoted})) AS \`distinct.${name}\``;
  });
  const [total] = rows(`SELECT count() AS count${aggregates.map((text) => `, ${text}`).join('')} FROM ${table}`, version);
  const groups = rows(
    `SELECT ${partition.join(', ')}, count() AS rows FROM ${table} GROUP BY ALL ORDER BY ALL`, version);
  const sums = {};
  const distinct = {};
  for (const [key, value] of Object.entries(total)) {
    if (key.startsWith('sum.')) sums[key.slice(4)] = value;
    if (key.startsWith('distinct.')) distinct[key.slice(9)] = value;
  }
  return {
    count: Number(total.count),
    sums,
    distinct,
    partitions: groups.map((group) => [
      `contract_version=${group.contract_version}/year=${pad(group.year, 4)}/month=${pad(group.month, 2)}`
        + `/day=${pad(group.day, 2)}/hour=${pad(group.hour, 2)}/run_id=${group.run_id}`,
      Number(group.rows)]),
  };
}

function pad(number, digits) {
  return String(number).padStart(digits, '0');
}

function answer(folder, version) {
  try {
    return JSON.stringify(read(folder, version));
  } catch (error) {
    return JSON.stringify({ error: String(error.message ?? error) });
  }
}

const [folder, version] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('usage: node read.js <table folder> [version] | node read.js -\n');
  process.exit(2);
} else if (folder !== '-') {
  process.stdout.write(`${answer(folder, version)}\n`);
} else {
  readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const [table, at] = line.split('\t');
    process.stdout.write(`${answer(table, at)}\n`);
  });
}
