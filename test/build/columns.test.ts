import { describe, expect, test } from 'vitest'
import { type ColumnFlow, findColumnsOf } from './column-flow.js'

const PEOPLE = { 'people.csv': 'name,age,born\nAda,36,1815-12-10\nTim,12,2013-01-31\n' }
const DECLARED = { file_path: 'nowhere.csv', columns: { name: 'VARCHAR', age: 'INTEGER', born: 'DATE' } }

/** People that go through one mod. */
function peopleThrough(module: string, configs: object, source: object = { file_path: 'people.csv' }): ColumnFlow {
  return {
    modules: { people: ['csv_source', source], mod: [module, configs], out: ['csv_sink', { output_path: 'out.csv' }] },
    data: ['people.data - mod.input', 'mod.output - out.input'],
  }
}

async function errorsOf(module: string, configs: object, source?: object): Promise<readonly string[]> {
  return (await findColumnsOf(peopleThrough(module, configs, source), PEOPLE)).errors
}

describe('what is known', () => {
  test('the columns of a file that is there go through all queries', async () => {
    const { columns } = await findColumnsOf(
      {
        modules: {
          people: ['csv_source', { file_path: 'people.csv' }],
          older: ['derive_mod', { columns: { age: 'age + 0.5', year: 'year(born)' } }],
          picked: ['select_mod', { columns: ['name', 'age', 'year'], rename: { year: 'born_in' }, types: { age: 'VARCHAR' } }],
          both: ['join_mod', { on: { name: 'name' } }],
          out: ['csv_sink', { output_path: 'out.csv' }],
        },
        data: [
          'people.data - older.input',
          'older.output - picked.input',
          'picked.output - both.left',
          'people.data - both.right',
          'both.output - out.input',
        ],
      },
      PEOPLE,
    )
    expect(columns).toEqual({
      'people.data': ['name VARCHAR', 'age BIGINT', 'born DATE'],
      'older.output': ['name VARCHAR', 'age DECIMAL(21,1)', 'born DATE', 'year BIGINT'],
      'picked.output': ['name VARCHAR', 'age VARCHAR', 'born_in BIGINT'],
      'both.output': ['name VARCHAR', 'age VARCHAR', 'born_in BIGINT', 'age_right BIGINT', 'born DATE'],
    })
  })

  test('declared columns need no file, whatever the path is; rows in the flow have their own', async () => {
    const { columns } = await findColumnsOf({
      modules: {
        a: ['csv_source', { ...DECLARED, file_path: '{{context.file}}', file_name: 'file' }],
        b: ['json_source', { file_path: 'nowhere.json', columns: { id: 'bigint', tags: 'VARCHAR[]' } }],
        c: ['inline_source', { rows: [{ id: 1, name: 'x' }] }],
      },
      control: ['a (1|) b', 'a (2|) c'],
    })
    expect(columns).toEqual({
      'a.data': ['name VARCHAR', 'age INTEGER', 'born DATE', 'file VARCHAR'],
      'b.data': ['id BIGINT', 'tags VARCHAR[]'],
      'c.data': ['id BIGINT', 'name VARCHAR'],
    })
  })

  test('a list of columns picks those of the file; the reject port has its own', async () => {
    const { columns } = await findColumnsOf(
      {
        modules: {
          people: ['csv_source', { file_path: 'peop*.csv', columns: ['age', 'name'] }],
          bad: ['csv_sink', { output_path: 'bad.csv' }],
          out: ['csv_sink', { output_path: 'out.csv' }],
        },
        data: ['people.data - out.input', 'people.reject - bad.input'],
      },
      PEOPLE,
    )
    expect(columns['people.data']).toEqual(['age BIGINT', 'name VARCHAR'])
    expect(columns['people.reject']).toHaveLength(6)
  })

  test.each([
    ['a template in its path', { file_path: 'data/{{run.date}}.csv' }, 'its path has a template'],
    ['no file', { file_path: 'nowhere.csv' }, 'there is no file nowhere.csv'],
    ['a glob without a match', { file_path: 'no*.csv' }, /matches no file/],
    ['an empty file', { file_path: 'empty.csv' }, /empty/],
    ['a template in another config', { file_path: 'people.csv', delimiter: '{{context.sign}}' }, 'its config delimiter has a template'],
  ])('a source with %s is unknown, and so is what follows', async (_, configs, reason) => {
    const { columns, errors } = await findColumnsOf(peopleThrough('filter_mod', { condition: 'nothing > 1' }, configs), {
      ...PEOPLE,
      'empty.csv': '',
    })
    expect(errors).toEqual([])
    expect(columns['people.data']).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason))
    expect(columns['mod.output']).toBe('what enters by input is not known')
  })

  test('a file that an earlier sub flow may write is not looked at', async () => {
    const flow = (writer: readonly [string, object], control: readonly string[]): ColumnFlow => ({
      modules: {
        rows: ['inline_source', { rows: [{ a: 1 }] }],
        writer,
        people: ['csv_source', { file_path: 'people.csv' }],
        other: ['inline_source', { rows: [{ a: 1 }] }],
        out: ['csv_sink', { output_path: 'out.csv' }],
      },
      data: [...(writer[0] === 'csv_sink' ? ['rows.data - writer.input'] : []), 'people.data - out.input'],
      control: writer[0] === 'csv_sink' ? [...control, 'rows (9|) other'] : ['writer (8|) rows', ...control, 'rows (9|) other'],
    })
    const before = await findColumnsOf(flow(['csv_sink', { output_path: './people.csv' }], ['writer (1|) people']), PEOPLE)
    expect(before.columns['people.data']).toBe('"writer" may write its file before')
    const command = await findColumnsOf(flow(['shell', { command: 'make people' }], ['writer (1|) people']), PEOPLE)
    expect(command.columns['people.data']).toBe('"writer" may write its file before')
    const elsewhere = await findColumnsOf(flow(['csv_sink', { output_path: 'else.csv' }], ['writer (1|) people']), PEOPLE)
    expect(elsewhere.columns['people.data']).toHaveLength(3)
    const after = await findColumnsOf(flow(['csv_sink', { output_path: 'people.csv' }], ['people (1|) rows']), PEOPLE)
    expect(after.columns['people.data']).toHaveLength(3)
  })
})

describe('templates', () => {
  test('a value that only a run knows leaves the columns known, unless they depend on it', async () => {
    const { columns, errors } = await findColumnsOf(
      {
        modules: {
          people: ['csv_source', { file_path: 'people.csv' }],
          condition: ['filter_mod', { condition: 'age > {{context.least}} AND name = {{context.name}}' }],
          date: ['filter_mod', { condition: "born < {{run.date}} AND name <> '{{env.USER}}'" }],
          number: ['limit_mod', { limit: '{{context.most}}' }],
          flag: ['derive_mod', { columns: { flag: '{{context.n}} IS NULL' } }],
          value: ['derive_mod', { columns: { x: '{{context.x}}' } }],
          kind: ['join_mod', { how: '{{context.how}}', on: ['name'] }],
        },
        data: [
          ...['condition', 'date', 'number', 'flag', 'value'].map((id) => `people.data - ${id}.input`),
          'people.data - kind.left',
          'people.data - kind.right',
        ],
      },
      PEOPLE,
    )
    expect(errors).toEqual([])
    for (const id of ['condition', 'date', 'number']) expect(columns[`${id}.output`], id).toEqual(columns['people.data'])
    expect(columns['flag.output']).toEqual(['name VARCHAR', 'age BIGINT', 'born DATE', 'flag BOOLEAN'])
    expect(columns['value.output']).toBe('its types depend on the value of a template')
    expect(columns['kind.output']).toBe('its config how has a template')
  })

  test('a text with a template in it is not taken for a value of another type', async () => {
    const conditions = [
      "born >= '{{run.date}}' AND age IN ('{{context.a}}', '{{context.b}}')",
      "age >= {{env.LEAST}} AND born = '{{context.year}}-01-01'",
      "COALESCE(age, '{{context.none}}') > 3 AND date_part('{{context.part}}', born) = 1",
      "NULLIF(age, {{env.NONE}}) > 3 AND born > date_trunc('{{context.unit}}', now())",
    ]
    expect(await errorsOfEach(conditions.map((condition) => ['filter_mod', { condition }]))).toEqual(conditions.map(() => []))
  })

  test('a column that does not exist is an error whatever the value is', async () => {
    expect(await errorsOf('filter_mod', { condition: 'agee > {{context.least}}' })).toEqual([
      'SQL_INVALID [agee] "mod": There is no column "agee". -> did you mean "age"? (the columns are those of people.csv)',
    ])
  })
})

/** The errors of each of several mods that read the people, in one flow. */
async function errorsOfEach(mods: readonly (readonly [module: string, configs: object])[]): Promise<readonly (readonly string[])[]> {
  const ids = mods.map((_, i) => `mod${i}`)
  const { errors } = await findColumnsOf(
    {
      modules: { people: ['csv_source', { file_path: 'people.csv' }], ...Object.fromEntries(mods.map((mod, i) => [`mod${i}`, mod])) },
      data: ids.map((id) => `people.data - ${id}.input`),
    },
    PEOPLE,
  )
  return ids.map((id) => errors.filter((error) => error.includes(`"${id}": `)).map((error) => error.replace(`"${id}": `, '')))
}

describe('what is wrong', () => {
  test('a column that is called like a word of SQL, and stands without quotes', async () => {
    const conditions = ['order > 1', 'id > 1 AND "order" > 1 AND end > 2', 'to > 1', 'sum(end) > 3', 'order > AND 3', '"order" > AND 3']
    const { errors } = await findColumnsOf(
      {
        modules: {
          trips: ['csv_source', { file_path: 'trips.csv' }],
          ...Object.fromEntries(conditions.map((condition, i) => [`mod${i}`, ['filter_mod', { condition }] as const])),
        },
        data: conditions.map((_, i) => `trips.data - mod${i}.input`),
      },
      { 'trips.csv': 'id,order,to,end\n1,2,3,4\n' },
    )
    const words = errors.map((error) => /-> (\w+) is a word of SQL: the column of that name stands in double quotes/.exec(error)?.[1])
    expect(words).toEqual(['order', 'end', 'to', 'end', 'order', undefined])
  })

  test('names, functions, types and syntax', async () => {
    const cases: readonly (readonly [module: string, configs: object, expected: string])[] = [
      ['filter_mod', { condition: "name = 'agee' OR agee > 18" }, '[agee] There is no column "agee". -> did you mean "age"?'],
      ['derive_mod', { columns: { a: 'age + 1', b: 'a + ag' } }, '[ag] There is no column "ag". -> did you mean "age"?'],
      ['aggregate_mod', { group_by: ['nam'], aggregates: { n: 'count(*)' } }, '[nam] There is no column "nam". -> did you mean "name"?'],
      ['sort_mod', { by: ['name', 'agee desc'] }, '[agee] There is no column "agee" in the input. -> did you mean "age"?'],
      ['select_mod', { columns: ['name'], drop: ['bron'] }, '[bron] There is no column "bron" in the input. -> did you mean "born"?'],
      ['sql_mod', { sql: 'SELECT name, max(agee) FROM input GROUP BY name' }, '[agee] There is no column "agee". -> did you mean "age"?'],
      ['filter_mod', { condition: 'lenght(name) > 3' }, '[lenght] There is no function "lenght". -> did you mean "length"?'],
      ['aggregate_mod', { aggregates: { n: 'smu(age)' } }, '[smu] There is no function "smu". -> did you mean "sum"?'],
      ['filter_mod', { condition: 'qqzzy(age) > 3' }, '[qqzzy] There is no function "qqzzy". -> the functions are those of DuckDB'],
      [
        'filter_mod',
        { condition: 'age > AND 3' },
        '[AND] syntax error at or near "AND" -> check the SQL text of this node against the columns that it gets',
      ],
      ['select_mod', { types: { age: 'INTEGR' } }, '[INTEGR] There is no type INTEGR. -> did you mean "INTEGER"?'],
      ['derive_mod', { columns: { a: 'CAST(age AS DECIML(12,2))' } }, '[DECIML] There is no type DECIML. -> did you mean "DECIMAL"?'],
      ['derive_mod', { columns: { a: 'CAST(age AS VARHCAR)' } }, '[VARHCAR] There is no type VARHCAR. -> did you mean "VARCHAR"?'],
    ]
    const found = await errorsOfEach(cases.map(([module, configs]) => [module, configs]))
    expect(found).toEqual(cases.map(([, , expected]) => [`SQL_INVALID ${expected} (the columns are those of people.csv)`]))
  })

  test('types that do not go together', async () => {
    const cases = [
      ['name = 5', '[name] "name" (VARCHAR) is compared with the number 5.'],
      ['5 <> name', '[name] the number 5 is compared with "name" (VARCHAR).'],
      ['age > 1 AND name IN (1, 2)', '[name] "name" (VARCHAR) is compared with the number 1.'],
      ['name > 5', '[>] A value of type VARCHAR cannot be compared with a number.'],
      ['name = age', '[name] "name" (VARCHAR) is compared with "age" (BIGINT).'],
      ['born = age', '[age] "born" (DATE) is compared with "age" (BIGINT).'],
      ["age = 'ten'", "['ten'] \"age\" (BIGINT) is compared with the text 'ten'."],
      ['length(name) > 1 AND lower(name) = age', '[lower] lower(…) (VARCHAR) is compared with "age" (BIGINT).'],
      ['trim(name) <> 5', '[trim] trim(…) (VARCHAR) is compared with the number 5.'],
      ["'ü' <> name AND born + 1 != age", '[age] a value of type DATE is compared with "age" (BIGINT).'],
      ['name BETWEEN 1 AND 2', '[BETWEEN] A value of type VARCHAR cannot be compared with a number.'],
      ["age NOT BETWEEN '1' AND 'ten'", "['ten'] \"age\" (BIGINT) is compared with the text 'ten'."],
      ["age IN (1, '2', 'x')", "['x'] \"age\" (BIGINT) is compared with the text 'x'."],
      ["'soon' > born", "['soon'] the text 'soon' is compared with \"born\" (DATE)."],
      ["born BETWEEN '2020-01-01' AND '2020-13-01'", "['2020-13-01'] \"born\" (DATE) is compared with the text '2020-13-01'."],
      ["CASE age WHEN 1 THEN true WHEN 'a' THEN false END", "['a'] \"age\" (BIGINT) is compared with the text 'a'."],
      ['CASE name WHEN 1 THEN true WHEN 2 THEN false END', '[name] "name" (VARCHAR) is compared with the number 1.'],
      ["NULLIF(age, '') > 3", "[''] \"age\" (BIGINT) is compared with the text ''."],
      ["COALESCE(age, '') > 3", "[''] COALESCE gives \"age\" (BIGINT) or the text '', which is no number."],
      ["ifnull(born, 'never') > now()", "['never'] COALESCE gives \"born\" (DATE) or the text 'never', which is no date."],
      ["CASE WHEN age > 3 THEN age ELSE 'x' END > 1", "['x'] CASE gives \"age\" (BIGINT) or the text 'x', which is no number."],
      ["CASE WHEN age > 3 THEN 1 ELSE 'many' END = 1", "['many'] CASE gives the number 1 or the text 'many', which is no number."],
      ['lower(name) IS NOT  DISTINCT FROM age', '[lower] lower(…) (VARCHAR) is compared with "age" (BIGINT).'],
      ["age IN (length(name), lower(name), '1')", '[lower] "age" (BIGINT) is compared with lower(…) (VARCHAR).'],
      ["length(name) IN ('1', 'x')", "['x'] length(…) (BIGINT) is compared with the text 'x'."],
      ['age = (SELECT name)', '[(] "age" (BIGINT) is compared with a subquery (VARCHAR).'],
      ['EXISTS (SELECT 1 FROM (VALUES (1)) AS t(n) WHERE n = name)', '[name] "n" (INTEGER) is compared with "name" (VARCHAR).'],
      ["greatest(age, 'x') > 3", "['x'] the text 'x' stands where a number is expected."],
      ["date_diff('day', born, 'soon') > 1", "['soon'] the text 'soon' stands where a date is expected."],
      ["list_contains([1, 2], 'x')", "['x'] the text 'x' stands where a number is expected."],
      ["if(age > 3, age, 'x') > 1", "['x'] CASE gives \"age\" (BIGINT) or the text 'x', which is no number."],
      ["born < DATE '2020-13-01'", "['2020-13-01'] the text '2020-13-01' stands where a date is expected."],
      ['name', '[name] "name" (VARCHAR) stands where a truth value is expected.'],
      ['age > 3 AND name', '[name] "name" (VARCHAR) stands where a truth value is expected.'],
      ['CAST(age AS VARCHAR) = 5', '[CAST] a value of type VARCHAR is compared with the number 5.'],
      ['CAST(name AS VARCHAR) = 5', '[CAST] "name" (VARCHAR) is compared with the number 5.'],
      ["CAST(name AS ENUM('a', 'b')) = 'c'", "['c'] a value of type ENUM is compared with the text 'c'."],
      ["CAST(name AS UUID) = 'x'", "['x'] a value of type UUID is compared with the text 'x'."],
    ] as const
    const found = await errorsOfEach(cases.map(([condition]) => ['filter_mod', { condition }]))
    expect(found.map((errors) => errors.map((error) => error.split(' -> ')[0]))).toEqual(
      cases.map(([, expected]) => [`SQL_INVALID ${expected}`]),
    )
  })

  test('types that do', async () => {
    const conditions = [
      "name = '5'",
      "age = '5' AND age <> ' 7'",
      'age = 5.5 AND age IN (1, NULL)',
      'CAST(name AS INTEGER) = 5',
      "born = '2020-01-01'",
      'born < now()',
      'age = length(name)',
      'len(list_filter([1, 2], lambda name: name = 1)) > 0',
      'age IN (SELECT name FROM (SELECT 1 AS name) AS other WHERE name = 1)',
      'age = (SELECT count(*) FROM (VALUES (1)) AS t(name) WHERE name = 1)',
      '(name IS NOT NULL) = true',
      '(name IS NOT NULL) = 1',
      "lower(name) = 'x' AND age + 1 == 2 AND age / 2 <> age AND abs(age) = '5'",
      'age = length(name) AND born + 1 = now()',
      "age BETWEEN '1' AND ' 20 ' AND born BETWEEN '2020-01-01' AND now()",
      "born IN ('2020-01-01', '2020-02-01 10:00:00') AND born > 'epoch'",
      "CASE age WHEN '1' THEN true WHEN 5.5 THEN false END AND CASE name WHEN '1' THEN true END",
      "NULLIF(name, '') = '1' AND COALESCE(name, '') <> '' AND COALESCE(age, '0', NULL) > 1",
      "COALESCE(CAST(age AS VARCHAR), 'none') = 'none' AND CASE WHEN age > 3 THEN name ELSE 'x' END = 'x'",
      "CASE WHEN age > 1 THEN born ELSE '2020-01-01' END > '2020-01-01' AND (age = 1) = 'yes'",
      "CASE WHEN age > 3 THEN age END > 1 AND CASE WHEN name = 'a' THEN 'a' ELSE name END = 'a'",
      'lower(name) IS NOT DISTINCT FROM upper(name) AND age IS DISTINCT FROM length(name)',
      "name || age = 'Ada36' AND concat(age, name, born) <> ''",
      "CAST(name AS ENUM('a', 'b')) IN ('a', 'b') AND TRY_CAST(name AS INTEGER) = 5 AND name::INTEGER = 5",
      'CAST(name AS DECIMAL(9,2)) = 5.5 AND CAST(CAST(age AS VARCHAR) AS BIGINT) = 5 AND age::VARCHAR::DOUBLE = 1e3',
      "greatest(age, '10') > 3 AND greatest(born, '2020-01-01') > born AND date_diff('day', born, '2020-01-01') > 1",
      "born > now() - INTERVAL '1 day' AND born > TIMESTAMP '2020-01-01' AND strptime(name, '%d.%m.%Y') > '2020-01-01'",
      'age AND true = (age > 1) AND (age > 1) IN (true, false, 1) AND NOT age',
      "age IN (SELECT length(name)) AND name = ANY(['a', 'b']) AND age = ANY([1.5, 2])",
      "name IN ('a', NULL) AND (age, name) = (1, 'a') AND (age, name) IN ((1, 'a'), (2, 'b')) AND [age] = [1.5]",
      "CAST('[1]' AS JSON)->>'$[0]' = '1' AND json_extract('{}', '$.a') IS NULL AND name SIMILAR TO 'a'",
      "extract('year' FROM born) = '2020' AND age % '2' = 0 AND round(age / 3, '2') > 1 AND [name][1] = 'a'",
      "CAST(name AS UUID) = CAST(name AS VARCHAR) AND nullif(name, '') = '5' AND mod(age, 2) = 1 AND fdiv(age, 2) > 1",
      "md5(name) = 'x' AND list_sum([age]) = 1 AND list_reverse([name])[1] = 'x' AND date_add(born, INTERVAL 1 DAY) > born",
    ]
    expect(await errorsOfEach(conditions.map((condition) => ['filter_mod', { condition }]))).toEqual(conditions.map(() => []))
    const statements = [
      'SELECT * FROM (SELECT CAST(name AS INTEGER) AS name FROM input) WHERE name = 1',
      'WITH input AS (SELECT 1 AS name) SELECT * FROM input WHERE name = 1',
      'SELECT * FROM input AS a(x, y, z) WHERE y = 1',
      'SELECT * FROM input JOIN (SELECT 1 AS name) AS other ON other.name = 1',
      'SELECT * FROM input JOIN (SELECT age FROM input) AS other USING (age)',
      'SELECT lower(name) AS a, max(age) AS a FROM input GROUP BY ALL HAVING max(age) = length(max(name))',
      'SELECT * FROM input FULL JOIN input AS b ON lower(input.name) = lower(b.name) AND input.age = b.age + 1',
      'SELECT * FROM input WHERE name = ANY(SELECT name FROM input) OR age > ALL(SELECT age + 0.5 FROM input)',
      'SELECT name, max(age) AS top FROM input GROUP BY name HAVING max(age) > 1.5 AND top < 5 QUALIFY row_number() OVER (ORDER BY name) = 1',
      'SELECT age FROM input UNION ALL SELECT NULL UNION ALL SELECT 1.5 UNION SELECT age / 2 FROM input EXCEPT SELECT 1',
      "(SELECT born, name FROM input UNION ALL BY NAME SELECT name, now() AS born FROM input) INTERSECT SELECT born, 'x' FROM input",
      'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r',
      "SELECT * FROM (VALUES (1, 'a'), (2.5, NULL), ('3', 'b')) AS v(x, y) ORDER BY x = 1",
      'SELECT * FROM input NATURAL JOIN (SELECT age, born FROM input) AS b',
      'PIVOT input ON name USING sum(age) GROUP BY born',
      'SELECT *, (SELECT max(b.age) FROM input AS b WHERE lower(b.name) = lower(a.name)) AS top FROM input AS a WHERE age = (SELECT max(age) FROM input)',
    ]
    expect(await errorsOfEach(statements.map((sql) => ['sql_mod', { sql }]))).toEqual(statements.map(() => []))
  })

  test('types in statements that do not go together', async () => {
    const cases = [
      ['SELECT name FROM input GROUP BY name HAVING max(age) = name', '[name] max(age) (BIGINT) is compared with "name" (VARCHAR).'],
      ["SELECT name, max(age) AS top FROM input GROUP BY name HAVING top = 'x'", "['x'] \"top\" (BIGINT) is compared with the text 'x'."],
      [
        'SELECT * FROM input QUALIFY row_number() OVER (ORDER BY age) = name',
        '[name] a value of type BIGINT is compared with "name" (VARCHAR).',
      ],
      ['SELECT count(CASE WHEN name = 1 THEN 1 END) FROM input', '[name] "name" (VARCHAR) is compared with the number 1.'],
      ['SELECT sum(age) FILTER (WHERE name = 1) FROM input', '[name] "name" (VARCHAR) is compared with the number 1.'],
      [
        'SELECT * FROM input AS a JOIN input AS b ON a.name = b.age AND a.age > b.age',
        '[a.name] "name" (VARCHAR) is compared with "age" (BIGINT).',
      ],
      [
        'SELECT * FROM input AS a LEFT JOIN input AS b ON a.name = b.age OR a.age > 1',
        '[a.name] "name" (VARCHAR) is compared with "age" (BIGINT).',
      ],
      [
        'WITH old AS (SELECT * FROM input WHERE name = 1) SELECT * FROM old, old AS b',
        '[name] "name" (VARCHAR) is compared with the number 1.',
      ],
      ['SELECT age FROM input UNION ALL SELECT name FROM input', '[age] UNION puts "age" (BIGINT) and "name" (VARCHAR) into one column.'],
      ["SELECT name, age FROM input UNION SELECT 'x', 'y'", '[age] UNION puts "age" (BIGINT) and the text \'y\' into one column.'],
      ['SELECT name FROM input UNION ALL SELECT 5', '[5] UNION puts "name" (VARCHAR) and the number 5 into one column.'],
      [
        'SELECT age, name FROM input UNION ALL BY NAME SELECT name AS age, name FROM input',
        '[age] UNION puts "age" (BIGINT) and "age" (VARCHAR) into one column.',
      ],
      [
        'SELECT age > 1 FROM input UNION SELECT age FROM input',
        '[>] UNION puts a value of type BOOLEAN and "age" (BIGINT) into one column.',
      ],
      ['SELECT name FROM input EXCEPT SELECT born FROM input', '[born] "name" (VARCHAR) is compared with "born" (DATE) by EXCEPT.'],
      ["SELECT * FROM (VALUES (1), ('x')) AS v(a)", "['x'] the text 'x' stands where a number is expected."],
      ["SELECT age + 'x' AS a FROM input", "['x'] the text 'x' stands where a number is expected."],
    ] as const
    const found = await errorsOfEach(cases.map(([sql]) => ['sql_mod', { sql }]))
    expect(found.map((errors) => errors.map((error) => error.split(' -> ')[0]))).toEqual(
      cases.map(([, expected]) => [`SQL_INVALID ${expected}`]),
    )
  })

  test('columns of USING, which are unlike', async () => {
    const alike = 'SELECT * FROM input JOIN (SELECT * FROM input) AS b USING (age) JOIN input AS c USING (age)'
    expect(await errorsOfEach([['sql_mod', { sql: alike }]])).toEqual([[]])
    const sql = 'SELECT 1 AS one FROM input_a JOIN input_b USING (k)'
    const { errors } = await findColumnsOf({
      modules: {
        a: ['inline_source', { rows: [{ k: 1 }] }],
        b: ['inline_source', { rows: [{ k: 'x' }] }],
        mod: ['sql_mod', { sql }],
      },
      data: ['a.data - mod.input_a', 'b.data - mod.input_b'],
    })
    expect(errors.map((error) => error.split(' -> ')[0])).toEqual(['SQL_INVALID [k] "mod": "k" (BIGINT) is compared with "k" (VARCHAR).'])
  })

  test('keys of a join, and what its condition compares', async () => {
    const join = (configs: object): ColumnFlow => ({
      modules: { people: ['csv_source', DECLARED], other: ['inline_source', { rows: [{ id: 1, name: 'x' }] }], mod: ['join_mod', configs] },
      data: ['people.data - mod.left', 'other.data - mod.right'],
    })
    expect((await findColumnsOf(join({ on: ['id'] }))).errors).toEqual([
      'SQL_INVALID [id] "mod": There is no column "id" in the left input. -> the columns are name, age, born',
    ])
    expect((await findColumnsOf(join({ on: { name: 'id' } }))).errors[0]).toMatch(
      /^SQL_INVALID \[name\] "mod": "name" \(VARCHAR\) is compared with "id" \(BIGINT\)/,
    )
    expect((await findColumnsOf(join({ condition: '"left".name = "right".id' }))).errors[0]).toMatch(
      /"name" \(VARCHAR\) is compared with "id" \(BIGINT\)/,
    )
    expect((await findColumnsOf(join({ condition: '"left".age = "right".id AND "left".name = "right".name' }))).errors).toEqual([])
  })

  test('the inputs of a union', async () => {
    const { errors } = await findColumnsOf({
      modules: {
        a: ['inline_source', { rows: [{ id: 1, name: 'x' }] }],
        b: ['inline_source', { rows: [{ id: 1, nam: 'x' }] }],
        mod: ['union_mod'],
      },
      data: ['a.data - mod.input', 'b.data - mod.input1'],
    })
    expect(errors).toEqual([
      expect.stringMatching(/^SCHEMA_MISMATCH \[mod\] "mod": The inputs have different columns: input has id, name; input1 has id, nam\./),
    ])
  })

  test('a column that a file lacks, and a type that there is not', async () => {
    expect(await errorsOf('limit_mod', { limit: 1 }, { file_path: 'people.csv', columns: ['name', 'agee'] })).toEqual([
      expect.stringMatching(/^SCHEMA_MISMATCH \[agee\] "people": people.csv lacks agee\. Expected: name, agee\. Found: name, age, born\./),
    ])
    expect(await errorsOf('limit_mod', { limit: 1 }, { file_path: 'people.csv', columns: { name: 'VARCHAR', age: 'INTEGER' } })).toEqual([
      expect.stringMatching(/^SCHEMA_MISMATCH \[people\] "people": people.csv has the unexpected born/),
    ])
    expect(await errorsOf('limit_mod', { limit: 1 }, { file_path: '{{context.f}}', columns: { name: 'VARCHARR' } })).toEqual([
      'SQL_INVALID [VARCHARR] "people": There is no type VARCHARR. -> did you mean "VARCHAR"?',
    ])
  })

  test('SQL that cannot be parsed is found where the columns are not known', async () => {
    expect(await errorsOf('filter_mod', { condition: 'a > > 3' }, { file_path: '{{context.f}}' })).toEqual([
      expect.stringMatching(/^SQL_INVALID \[>\] "mod": syntax error at or near ">"/),
    ])
    expect(await errorsOf('filter_mod', { condition: 'whatever(x) > {{context.y}}' }, { file_path: '{{context.f}}' })).toEqual([])
  })

  test('one error does not bring others behind it, and all nodes are looked at', async () => {
    const { errors } = await findColumnsOf(
      {
        modules: {
          people: ['csv_source', { file_path: 'people.csv' }],
          a: ['filter_mod', { condition: 'x > 1' }],
          b: ['filter_mod', { condition: 'y > 1' }],
          c: ['derive_mod', { columns: { z: 'nothing' } }],
          out: ['csv_sink', { output_path: 'out.csv', colour: 'red' }],
        },
        data: ['people.data - a.input', 'a.output - b.input', 'people.data - c.input', 'c.output - out.input'],
      },
      PEOPLE,
    )
    expect(errors.map((error) => error.split(' -> ')[0])).toEqual([
      'SQL_INVALID [x] "a": There is no column "x".',
      'SQL_INVALID [nothing] "c": There is no column "nothing".',
      'UNKNOWN_CONFIG [colour] The module "csv_sink" has no config "colour".',
    ])
  })
})
