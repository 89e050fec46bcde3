// SQL over the tables input1, input2 and so on.
import alasql from "alasql";

const PLACE = "__place";

function refused(error) {
  const text = String(error instanceof Error ? error.message : error).slice(0, 600);
  return new Refused(`This SQL cannot be run: ${text}`, "Its tables are input1, input2 and so on.", "sql_invalid");
}

/** Names of the tables a statement takes rows from, with the number of the input behind each. */
function sourcesOf(statement) {
  const parts = [...(statement.from ?? []), ...(statement.joins ?? [])];
  return parts.map((part) => {
    const table = part.table?.tableid ?? part.tableid ?? "";
    const found = /^input(\d+)$/.exec(table);
    return found ? { name: part.as || table, input: Number(found[1]) - 1 } : null;
  });
}

// A row of a statement with one of these stands for many.
const GATHERING = ["group", "distinct", "union", "unionall", "except", "intersect", "into", "modifier"];

/** Has a statement say which item each row came from; false where that cannot be told. */
function traced(statement) {
  if (!(statement instanceof alasql.yy.Select) || GATHERING.some((part) => statement[part])) {
    return false;
  }
  const sources = sourcesOf(statement);
  if (!sources.length || sources.includes(null) || statement.columns.some((column) => summarizes(column))) {
    return false;
  }
  sources.forEach(({ name, input }) =>
    statement.columns.push(new alasql.yy.Column({ columnid: PLACE, tableid: name, as: `${PLACE}${input}` })),
  );
  return true;
}

function summarizes(part) {
  if (part === null || typeof part !== "object") {
    return false;
  }
  return "aggregatorid" in part || Object.values(part).some((inner) => summarizes(inner));
}

/** Rows of a statement; null for one that gives none, such as an UPDATE. */
function execute(database, statement) {
  let found;
  const done = (rows) => (found = rows);
  if (statement.compile) {
    statement.compile(database.databaseid)([], done);
  } else {
    statement.execute(database.databaseid, [], done);
  }
  return Array.isArray(found) ? found.filter((values) => typeof values === "object" && values !== null) : null;
}

function row(values) {
  const fields = Object.entries(values);
  const places = fields.filter(([name, place]) => /^__place\d+$/.test(name) && typeof place === "number");
  return {
    json: Object.fromEntries(fields.filter(([name]) => !name.startsWith(PLACE))),
    from: places.map(([name, place]) => [Number(name.slice(PLACE.length)), place]),
  };
}

globalThis.documents.sql = ({ query, tables }) => {
  const database = new alasql.Database();
  alasql.use(database.databaseid);
  tables.forEach((rows, number) => {
    const name = `input${number + 1}`;
    database.exec(`CREATE TABLE ${name}`);
    database.tables[name].data = rows.map((fields, place) => ({ ...fields, [PLACE]: place }));
  });
  try {
    const { statements } = alasql.parse(query);
    const found = statements.map((statement) => {
      const isTraced = traced(statement);
      return execute(database, statement)?.map((values) => ({ ...row(values), isTraced })) ?? null;
    });
    if (found.every((rows) => rows === null)) {
      throw new Refused("This SQL gives no rows.", "Write a SELECT.", "sql_invalid");
    }
    return found.flatMap((rows) => rows ?? []);
  } catch (error) {
    throw error instanceof Refused ? error : refused(error);
  }
};
