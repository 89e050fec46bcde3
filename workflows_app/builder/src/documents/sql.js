// SELECT and friends over the tables input1, input2 and so on.
import alasql from "alasql";

function thrown(error) {
  const text = error instanceof Error ? error.message : String(error);
  return new Refused(
    `This SQL cannot be run: ${text.slice(0, 500)}`,
    "Check the query; the tables are input1, input2, …",
    "sql_invalid",
  );
}

globalThis.documents.sql = ({ query, tables }) => {
  const database = new alasql.Database();
  tables.forEach((rows, number) => {
    const name = `input${number + 1}`;
    database.exec(`CREATE TABLE ${name}`);
    database.tables[name].data = rows;
  });
  let found;
  try {
    found = database.exec(query);
  } catch (error) {
    throw thrown(error);
  }
  return Array.isArray(found) ? found : [found];
};
