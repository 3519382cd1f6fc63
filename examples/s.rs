use chartpin::{site::*,source::*,yaml::*};
fn main(){ let root=std::env::args().nth(1).unwrap(); let mut open=vec![std::path::PathBuf::from(&root)]; let mut files=vec![];
 while let Some(d)=open.pop(){ for e in std::fs::read_dir(d).unwrap(){let p=e.unwrap().path(); if p.is_dir(){open.push(p)} else if p.extension().is_some_and(|x|x=="yaml"||x=="yml"){files.push(p)}}}
 files.sort();
 let t=std::time::Instant::now();
 for p in files { let name=p.file_name().unwrap().to_str().unwrap(); if name.starts_with("requirements")||name=="values.schema.yaml"{continue}
  let text=std::fs::read_to_string(&p).unwrap(); let f=SourceFile::new(p.to_str().unwrap(),text);
  let Ok(tree)=read(&f.text) else {eprintln!("ERR {}",f.path);continue};
  let sites= if name=="Chart.yaml" {Finder::default().annotations(&tree)} else {Finder::default().values(&tree,None,false)};
  for s in sites { let q=f.position(s.primary().at.start); 
   println!("{}",serde_json::json!({"file":f.path.strip_prefix(&format!("{root}/")).unwrap(),"line":q.line,"path":s.path.to_string(),"idiom":s.idiom,"state":s.state.as_str(),"reference":s.composed.as_ref().map(|c|c.text.clone()),"ok":s.reference().is_some(),"lines":s.parts.iter().map(|p|f.line_of(p.at.start)).collect::<Vec<_>>()}));}
 }
 eprintln!("{:?}",t.elapsed());
}
