exports.up = (knex) =>
  knex.schema.createTable('orders', (table) => {
    table.bigIncrements('id');
    table.string('buyer', 80).notNullable();
    table.decimal('total', 10, 2).notNullable().defaultTo(0);
    table.timestamp('placed_at').notNullable().defaultTo(knex.fn.now());
  });

exports.down = (knex) => knex.schema.dropTable('orders');
