/**
 * tests/fixtures/street-taxis.jpg at 64 x 43 px, coded arithmetically by jpegtran (libjpeg-turbo): nothing
 * on npm writes that.
 */
export const ARITHMETIC_JPEG = Buffer.from(
  [
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYV',
    'pQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//yQARCAAq',
    'AEADASIAAhEBAxEB/8wACgAQEAUBEBEF/9oADAMBAAIRAxEAPwD/AJeUatru3pk/vCeowzLKM0oMn7z1nO1SZMOs1oXT+TRnXE9Jn1L9n3Q3eT',
    'KHAl4T8D0xuJNC3PCyIUUPzXwQStu8EcL51QeA3yMvaGdQpw6HRkebgKKSQqG4mm0JXkXnkgiZGnr5okB8sfY+NEd5M7YX8NJp0ZRtpKr/AAcI',
    'ZkPUA6GgR3n6lMCWtqcnT6cxlDZwHdoTEvI25HNnQJ/vwu8DtXsLquXRNnXDX13v1/aaOEYqp5OlFn8Fr2HGTmuJse/nJxLXEhNTte+CzKQxkF',
    'AfxjLLjcGhAOkEutdrJUIIm1UhMI+2iK0BE+8mgeFWofekGoNfVQZc2uIdwBOGywjiz6ArhkVGieOgUShchuytqvg+5z//AOsY11fc5NVaLbLO',
    'bSVoYaOI9kaL1VpbtoLDTvPCrcehkdEjf9tjt6n78t/j+JNUkoJr9zbNkWIKZI1+E9csaGa0lWE+yo4v+1jPe3DGH8u7aTQA5EMDiXeKcV3NIK',
    'GvawZ7nXmQxOc8hYf+y63Et6JFkjlzph4OeBxE97kC2R8oIr780IVX4+g0ogbfjR8ts97J3rppJMbWU5VbGI1k6KGgDuFCZCVEIzixLQFFRmsH',
    'VxarNsuyY7X3s9MNmJO0Rclwtae6SF7Q8O53H3BEbNhkZrhCjO+2eK5DcJyyBtuKGjGimEsoc8CffZPVn3xkdLQw9Qy9BBUUUNtE7B4nXLyagG',
    'Q63eRfKmO30vuSmjR1zMHP0XF3gyl72whfSFWHhxHHSnhrtxwfzZ2gsPf6FwHSK9NCVoBx8F4TifO5ytH+WDRBU9cknvEgj2pqaxVvPcpu2WAE',
    'Ro4jlDKZhgoEMeply5dbqPQ8u7i8NNRlLWJkYHghocwKATqPZvJYJtJ+Pfr84LLUhJoxC8sjyPCbfRfsFGP3WYXDTcaq8rk09J4fc5/jfJjXqO',
    'FYCQsf24YxrMzd3d/LMh0naOmT8rD/2Q==',
  ].join(''),
  'base64',
)
