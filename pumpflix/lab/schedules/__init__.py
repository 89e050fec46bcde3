"""The campaign of schedules: days around changes of the clocks, lived through by real tickers on moved database time,
and judged by an oracle that shares nothing with the product."""
