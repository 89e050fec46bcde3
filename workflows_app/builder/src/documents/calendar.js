// Calendars, read.
import { icsCalendarToObject } from "ts-ics";

// What programs write into these is often more, or less, than the library expects; events are what is asked for.
const PARTS = [null, /BEGIN:VALARM[^]*?END:VALARM\r?\n?/g, /BEGIN:VTIMEZONE[^]*?END:VTIMEZONE\r?\n?/g];

globalThis.documents.calendar = ({ text }) => {
  let failure;
  let rest = text;
  for (const part of PARTS) {
    rest = part ? rest.replace(part, "") : rest;
    try {
      return icsCalendarToObject(rest);
    } catch (error) {
      failure = error;
    }
  }
  const what = String(failure?.message ?? failure).slice(0, 200);
  throw new Refused(`This file is not a calendar that can be read: ${what}`, "Choose a file in iCalendar format.");
};
